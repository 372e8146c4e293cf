"""Classical answers to who began: each gives every node seen a score, the larger the likelier."""
