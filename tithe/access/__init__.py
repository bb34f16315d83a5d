"""Who may do what: the permissions, the person acting, and the one map between them. Pure."""
