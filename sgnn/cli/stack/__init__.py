"""The server stack as plain processes on loopback: the services of docker-compose.yml, where there is no engine.

`services` says what runs, `supervisor` runs it; everything that it keeps lies in one folder of the home folder.
"""
