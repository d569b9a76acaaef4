//go:build !linux

package fault

import "errors"

// Disk is a small file system that can be filled. There is none on this system.
type Disk struct {
	// Dir is where it is mounted.
	Dir string
}

// Mount returns an error: only Linux has what it takes.
func Mount(string, int64) (*Disk, error) {
	return nil, errors.New("a small file system can be mounted on Linux alone")
}

// Fill takes what is free but for so many bytes.
func (d *Disk) Fill(int64) error { return nil }

// Free gives back what Fill took.
func (d *Disk) Free() error { return nil }

// Unmount takes the file system away.
func (d *Disk) Unmount() error { return nil }
