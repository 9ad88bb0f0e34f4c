"""`model`, or `python -m model`: the command line, and the command that opens the editor."""

from model.cli.app import FRONT, app, main
from model.cli.options import COMMANDS, command
from model.editor.command import EXAMPLES, edit

command(examples=EXAMPLES, front=True, waits=True)(edit)
app.command(name=edit.__name__, **COMMANDS[-1].settings)(COMMANDS[-1].run)
app.registered_commands.sort(key=lambda each: FRONT.index(each.name or "") if each.name in FRONT else len(FRONT))

if __name__ == "__main__":
    main()
