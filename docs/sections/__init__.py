"""What pages take from the code: each module has the sections of one kind, as Markdown."""
