"""HTTP plumbing shared by every door: who may pass, forms, components, refusals, headers."""
