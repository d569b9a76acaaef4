package fault

import (
	_ "embed"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

//go:embed clock/clock.c
var clockSource []byte

// Clock is the time of day as some programs see it, which can be made to jump. It works for programs that read it through the C
// library, as PostgreSQL does; Go's don't.
type Clock struct {
	library, file string
}

// NewClock builds a clock in a folder that the programs can enter. It needs a C compiler.
func NewClock(dir string) (*Clock, error) {
	c := &Clock{library: filepath.Join(dir, "clock.so"), file: filepath.Join(dir, "clock")}
	source := filepath.Join(dir, "clock.c")
	if err := os.WriteFile(source, clockSource, 0o600); err != nil {
		return nil, err
	}
	if err := c.Set(0); err != nil {
		return nil, err
	}
	output, err := exec.Command("cc", "-shared", "-fPIC", "-O1", "-o", c.library, source).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("build a clock: %w: %s", err, output)
	}
	return c, nil
}

// Env is what a program gets in its environment to see this clock.
func (c *Clock) Env() []string { return []string{"LD_PRELOAD=" + c.library, "CHAOS_CLOCK=" + c.file} }

// Set puts the clock so far before the true time, or behind it.
func (c *Clock) Set(ahead time.Duration) error {
	file, err := os.OpenFile(c.file, os.O_CREATE|os.O_WRONLY, 0o644) // written in place: programs have it mapped
	if err != nil {
		return fmt.Errorf("set a clock: %w", err)
	}
	var raw [8]byte
	binary.NativeEndian.PutUint64(raw[:], uint64(ahead.Microseconds()))
	if _, err := file.Write(raw[:]); err != nil {
		return fmt.Errorf("set a clock: %w", err)
	}
	return file.Close()
}
