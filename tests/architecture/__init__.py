"""The plan of the house, checked: imports, routes, templates, schema, style."""
