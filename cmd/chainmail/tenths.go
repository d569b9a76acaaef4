package main

import "fmt"

// tenths tells how far one stage of long work is: on a terminal whenever it is shown, elsewhere in a line for each
// tenth, by which a log shows that the work goes on. One goroutine uses it.
type tenths struct {
	bar  *progress
	told int // the last tenth that was told elsewhere
}

// show says how much of the stage, from 0 to 1, is done, and with what detail. The beginning and the end are lines of
// the caller's.
func (t *tenths) show(stage, detail string, fraction float64) {
	tenth := int(10 * fraction)
	switch {
	case t.bar.terminal:
		t.bar.show(stage+detail, fraction)
	case tenth > t.told && tenth < 10:
		t.bar.show(fmt.Sprintf("%s, %d%%%s", stage, 10*tenth, detail), fraction)
	}
	t.told = tenth
}
