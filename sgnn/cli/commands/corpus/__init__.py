"""`sgnn corpus`: make, watch, check and hand over corpora. One module for each group of commands."""

from __future__ import annotations

import typer

from sgnn.cli.commands.corpus import audit, build, datasheet, expire, export, failures, plan, status, verify, versions

app = typer.Typer(help="Corpora of simulated draws.", no_args_is_help=True)
app.command("plan")(plan.plan)
app.command("build")(build.build)
app.command("grow")(build.grow)
app.command("status")(status.status)
app.command("list")(status.list_corpora)
app.command("versions")(versions.versions)
app.command("tag")(versions.tag)
app.command("diff")(versions.diff)
app.command("expire")(expire.expire)
app.command("failures")(failures.failures)
app.command("verify")(verify.verify)
app.command("audit")(audit.audit)
app.command("datasheet")(datasheet.datasheet)
app.command("export")(export.export)
