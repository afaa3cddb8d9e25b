"""An OpenID provider for trying things out: anybody may be anybody, so it is never for real people."""
