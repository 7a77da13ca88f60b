package api

// Effects is exported for testing.
var Effects = effects
