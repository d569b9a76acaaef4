package merkle_test

import (
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"chainmail/merkle"
)

// The paths of C2SP tlog-tiles, its examples among them.
func TestTilePath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]tlog.Tile{
		"0/000":               {H: 8, L: 0, N: 0, W: 256},
		"0/000.p/1":           {H: 8, L: 0, N: 0, W: 1},
		"0/x001/x234/067":     {H: 8, L: 0, N: 1234067, W: 256},
		"0/x001/x234/067.p/8": {H: 8, L: 0, N: 1234067, W: 8},
		"1/x001/000.p/255":    {H: 8, L: 1, N: 1000, W: 255},
		"63/000":              {H: 8, L: 63, N: 0, W: 256},
	} {
		got, err := merkle.ParseTilePath(path)
		if err != nil || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", path, got, err, want)
		}
		if back := merkle.TilePath(want); back != path {
			t.Errorf("%+v: got %s, want %s", want, back, path)
		}
	}
}

func TestParseTilePathRefuses(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"", "0", "0/", "/000", "0/0", "0/00", "0/0000", "0/x000/000", "0/001.p/0", "0/001.p/256", "0/001.p/257", "0/001.p/-1",
		"0/001.p/", "0/001.p", "0/001.p/08", "0/001.p/8/", "0/x001", "0/X001/000", "0/-01", "00/001", "-1/000", "64/000", "+1/000",
		"data/000", "entries/000", "0/../000", "0/000/", "0/000?", "0/x999/x999/x999/x999/x999/x999/x999/999", "a/000",
	} {
		if tile, err := merkle.ParseTilePath(path); err == nil {
			t.Errorf("%q: got %+v", path, tile)
		}
	}
}
