package web

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// unbuilt stands in for a page that was not built.
//
//go:embed unbuilt.html
var unbuilt []byte

// contentTypes are the kinds of file that the page consists of, by extension. The system's own table
// is not asked: it differs between machines.
var contentTypes = map[string]string{
	".html":        "text/html; charset=utf-8",
	".css":         "text/css; charset=utf-8",
	".js":          "text/javascript; charset=utf-8",
	".svg":         "image/svg+xml",
	".json":        "application/json",
	".webmanifest": "application/manifest+json",
	".png":         "image/png",
	".woff2":       "font/woff2",
}

// sourceMap ends the names of files that are left for developers, and not served.
const sourceMap = ".map"

// file is one file of the page, ready to be served.
type file struct {
	contentType string
	plain       variant
	coded       map[string]variant // by content coding
}

// variant is a file's content in one coding.
type variant struct {
	content []byte
	etag    string // strong: made of a hash of these very bytes
}

// load reads a page's files, by URL path. What begins with a dot is not part of it.
func load(page fs.FS) map[string]file {
	contents := read(page)
	files := make(map[string]file, len(contents)+2)
	for name, content := range contents {
		extension := path.Ext(name)
		if _, is := codingOf[extension]; is || extension == sourceMap {
			continue
		}
		contentType, known := contentTypes[extension]
		if !known {
			panic(fmt.Sprintf("web: what kind of file is %s?", name))
		}
		f := file{contentType, variantOf(content), make(map[string]variant)}
		for extension, coding := range codingOf {
			if content, found := contents[name+extension]; found {
				f.coded[coding] = variantOf(content)
			}
		}
		files["/"+name] = f
	}
	index, found := files["/index.html"]
	if !found {
		index = file{contentTypes[".html"], variantOf(unbuilt), nil}
	}
	files["/"] = index
	delete(files, "/index.html")
	// Browsers ask for this name where no page tells them another, as under /docs.
	if icon, found := files["/favicon.svg"]; found {
		files["/favicon.ico"] = icon
	}
	return files
}

// read returns the content of all files by name. It panics where that fails: they are in memory.
func read(page fs.FS) map[string][]byte {
	contents := make(map[string][]byte)
	err := fs.WalkDir(page, ".", func(name string, entry fs.DirEntry, err error) error {
		hidden := name != "." && strings.HasPrefix(entry.Name(), ".")
		switch {
		case err != nil:
			return err
		case entry.IsDir() && hidden:
			return fs.SkipDir
		case entry.IsDir() || hidden:
			return nil
		}
		contents[name], err = fs.ReadFile(page, name)
		return err
	})
	if err != nil {
		panic(fmt.Sprintf("web: read the page: %v", err))
	}
	return contents
}

func variantOf(content []byte) variant {
	sum := sha256.Sum256(content)
	return variant{content, `"` + hex.EncodeToString(sum[:16]) + `"`}
}
