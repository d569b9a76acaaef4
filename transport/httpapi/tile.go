package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/mod/sumdb/tlog"

	"chainmail/merkle"
)

// publishTiles serves the tiles of hashes of C2SP tlog-tiles. Their paths have as many segments as their number needs,
// which is more than a description can say.
func (a *api) publishTiles(tags []string) {
	text := func(name, example, doc string) *huma.Param {
		return &huma.Param{
			Name: name, In: "path", Required: true, Description: doc,
			Schema: &huma.Schema{Type: huma.TypeString, Examples: []any{example}},
		}
	}
	op := &huma.Operation{
		OperationID: "get-tile", Method: http.MethodGet, Path: "/tile/{level}/{index}", Tags: tags,
		Summary: "A tile of hashes of the tree",
		Description: "C2SP tlog-tiles: up to 256 hashes of 32 bytes, one after the other. Tiles of entries, which would tell " +
			"what was written, are not served.",
		Parameters: []*huma.Param{
			text("level", "0", "the tile's level, from 0"),
			text("index", "000.p/1", "the tile's number in groups of three digits, all but the last with an x before them (x001/x234/067), "+
				"and .p/<width> for a tile that is not full"),
		},
		Responses: map[string]*huma.Response{
			"200": {Description: "The hashes", Content: map[string]*huma.MediaType{
				"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
			}},
		},
	}
	addFailure(op, http.StatusNotFound)
	addFailure(op, http.StatusServiceUnavailable)
	orLater(op)
	a.huma.OpenAPI().AddOperation(op)
	a.mux.HandleFunc("GET /tile/{path...}", a.tile)
}

func (a *api) tile(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readTimeout)
	defer cancel()
	data, err := a.tileInTurn(ctx, r.PathValue("path"))
	if err != nil {
		a.problem(ctx, err).write(w)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", forever)
	_, _ = w.Write(data) // the client may be gone
}

// tileInTurn gives its turn back before anything is written: a client that does not read the answer keeps nobody else from
// asking.
func (a *api) tileInTurn(ctx context.Context, path string) ([]byte, error) {
	done, err := a.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	return a.readTile(ctx, path)
}

func (a *api) readTile(ctx context.Context, path string) ([]byte, error) {
	tile, err := merkle.ParseTilePath(path)
	if err != nil {
		return nil, newProblem(codeNotFound, "", "there is no tile here: its path is /tile/<L>/<N>[.p/<W>] of C2SP tlog-tiles")
	}
	if !inTree(tile, a.sealed.Load()) {
		size, _, err := a.sealedTree(ctx)
		if err != nil {
			return nil, err
		}
		a.sealed.Store(size)
		if !inTree(tile, size) {
			return nil, newProblem(codeNotFound, "", "the tree of the latest checkpoint does not have this tile")
		}
	}
	return a.Tree.Tile(ctx, tile)
}

// inTree reports whether a tree of so many leaves has all hashes of a tile.
func inTree(tile tlog.Tile, size int64) bool {
	hashes := size >> (merkle.TileHeight * tile.L)             // of the tile's level
	return tile.N <= (hashes-int64(tile.W))>>merkle.TileHeight // negative where there are fewer than the tile's
}
