//go:build race

package main

// raced says whether the tests have the race detector.
const raced = true
