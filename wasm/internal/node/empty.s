// Allows functions without a body in this package: see redial.go.
