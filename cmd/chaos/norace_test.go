//go:build !race

package main

// raced says that the tests have the race detector, so that the servers get it too.
const raced = false
