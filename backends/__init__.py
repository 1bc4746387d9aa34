"""How a framework's own layers are driven: one file per framework, the dialect's entries do the rest."""
