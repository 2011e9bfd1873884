"""The application: every command under its name, and what becomes of errors.

Belongs here: putting the commands together. Does not belong here: any command.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import typer

from pipelines.cli import (
    develop,
    dictionary,
    explain,
    findings,
    intake,
    missing,
    query,
    release,
    restatements,
    rules,
    run,
    sample,
    serve,
    status,
    take,
)
from pipelines.cli.common import FAILED, REFUSED, error_console

app = typer.Typer(
    name="junheng",
    help="均衡 Junheng: from yearly school returns to published differential coefficients, county by county.",
    epilog="Exit codes: 0 done, 1 something went wrong, 2 wrong usage, 3 files were rejected, 4 the gate refused.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("receive")(intake.receive)
app.command("layouts")(intake.layouts)
app.command("template")(intake.template)
app.command("run")(run.run)
app.command("status")(status.status)
app.command("findings")(findings.findings)
app.command("explain-finding")(findings.explain_finding)
app.command("accept-explanation")(findings.accept_explanation)
app.command("waive")(findings.waive)
app.command("revoke")(findings.revoke)
app.command("missing")(missing.missing)
app.command("receive-answers")(findings.receive_answers)
app.add_typer(release.app, name="release")
app.command("restatements")(restatements.restatements)
app.command("query")(query.query)
app.command("explain")(explain.explain)
app.command("forms")(take.forms)
app.command("export")(take.export)
app.command("serve")(serve.serve)
app.command("dictionary")(dictionary.dictionary)
app.command("rules")(rules.rules)
app.command("sample")(sample.sample)
app.command("dev")(develop.dev)

_OURS = ("pipelines.", "checks.", "models.", "warehouse.")


def run_app(arguments: Sequence[str] | None) -> None:
    """Run the application and exit. Errors that our rooms raise on purpose are told without a traceback."""
    try:
        app(list(arguments) if arguments is not None else None, prog_name="junheng")
    except BrokenPipeError:
        # The reader of our output has gone (``junheng query … | head``): nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except Exception as error:
        ours = type(error).__module__.startswith(_OURS)
        if not ours and not isinstance(error, (OSError, ValueError, KeyError)):
            raise
        if os.environ.get("JUNHENG_TRACEBACK"):
            raise
        text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
        error_console().print(f"error: {text}", markup=False, highlight=False, soft_wrap=True)
        raise SystemExit(REFUSED if type(error).__name__ == "GateRefused" else FAILED) from error
