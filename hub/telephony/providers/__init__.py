"""One module or package for each phone system; found by being here."""
