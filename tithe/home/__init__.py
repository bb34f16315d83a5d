"""Pages that gather from several features: what needs doing, one's own and one's team's allowance, the scheme."""
