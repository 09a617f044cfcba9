"""`python -m gateway` is the command `doorstep`."""

from gateway.cli import main

main(prog_name="doorstep")
