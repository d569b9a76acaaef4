package main

import "testing"

// A bar is drawn on a terminal alone: elsewhere a line tells the stage once.
func TestReplayTellsItsStageOnce(t *testing.T) {
	t.Parallel()
	m := newMachine(t, t.TempDir())
	_, stderr, status := m.run("replay", "--file", fixture, "--log-key", fixtureKeys)
	if status != 0 || stderr != "verifying the log\n" {
		t.Errorf("status %d: %q", status, stderr)
	}
}
