"""`model`, or `python -m model`: the command line, and the command that opens the editor."""

from model.cli.app import app, main
from model.cli.options import COMMANDS, command
from model.editor.command import EXAMPLES, edit

command(examples=EXAMPLES)(edit)
app.command(**COMMANDS[-1].settings)(COMMANDS[-1].run)
app.registered_commands.insert(0, app.registered_commands.pop())  # listed first

if __name__ == "__main__":
    main()
