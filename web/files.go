package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"path"
)

//go:embed page
var page embed.FS

// contentTypes are the kinds of file that the page consists of, by extension. The system's own table
// is not asked: it differs between machines.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// file is one file of the page, ready to be served.
type file struct {
	content     []byte
	contentType string
	etag        string // strong: made of a hash of the content
}

// load reads the embedded files, by URL path. It panics over a file of unknown kind, which a test would show.
func load() map[string]file {
	entries, err := page.ReadDir("page")
	if err != nil {
		panic(err) // embedded at build time
	}
	files := make(map[string]file, len(entries)+1)
	for _, entry := range entries {
		content, err := page.ReadFile("page/" + entry.Name())
		if err != nil {
			panic(err)
		}
		contentType, ok := contentTypes[path.Ext(entry.Name())]
		if !ok {
			panic(fmt.Sprintf("web: what kind of file is %s?", entry.Name()))
		}
		sum := sha256.Sum256(content)
		files["/"+entry.Name()] = file{content, contentType, `"` + hex.EncodeToString(sum[:16]) + `"`}
	}
	files["/"] = files["/index.html"]
	delete(files, "/index.html")
	// Browsers ask for this name where no page tells them another, as under /docs.
	files["/favicon.ico"] = files["/favicon.svg"]
	return files
}
