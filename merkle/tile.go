package merkle

import (
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// TileHeight is that of C2SP tlog-tiles: a full tile has 256 hashes.
const TileHeight = 8

// TileWidth is how many hashes a full tile has.
const TileWidth = 1 << TileHeight

// ParseTilePath reads <L>/<N>[.p/<W>] of C2SP tlog-tiles, such as 0/x001/x234/067.p/8. Tiles of
// entries, which hold private things, are no tiles here.
func ParseTilePath(path string) (tlog.Tile, error) {
	tile, err := tlog.ParseTilePath(fmt.Sprintf("tile/%d/%s", TileHeight, path))
	if err != nil || tile.L < 0 || tile.L > 63 {
		return tlog.Tile{}, fmt.Errorf("%q is not <L>/<N>[.p/<W>] of C2SP tlog-tiles", path)
	}
	return tile, nil
}

// TilePath is the inverse of ParseTilePath.
func TilePath(tile tlog.Tile) string {
	return strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", TileHeight))
}
