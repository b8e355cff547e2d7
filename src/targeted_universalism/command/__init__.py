"""The command ``tu``: the library for those who write no code; options are the functions' own."""

from targeted_universalism.command.line import main as main
