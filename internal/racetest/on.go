//go:build race

package racetest

// On says whether the tests have the race detector.
const On = true
