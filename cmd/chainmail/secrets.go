package main

import (
	"fmt"
	"os"
	"strings"
)

// secretVariables may each be given as a file: the variable's name with _FILE holds its path.
var secretVariables = []string{
	"CHAINMAIL_JWT_SECRET", "CHAINMAIL_DATABASE_URL", "DATABASE_URL", "CHAINMAIL_DIRECT_DATABASE_URL", "CHAINMAIL_REDIS_URL",
	modelKeyVariable, traceHeadersVariable,
}

// forgetEmptyVariables unsets variables of ours that are empty, as a template leaves them: they say no
// more than those that are missing.
func forgetEmptyVariables() {
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		if value == "" && strings.HasPrefix(name, "CHAINMAIL_") {
			os.Unsetenv(name) // a name from the environment is a good one
		}
	}
}

// readSecretFiles sets each secret's variable from its file. A newline at the file's end is cut.
func readSecretFiles() error {
	for _, name := range secretVariables {
		path := os.Getenv(name + "_FILE")
		if path == "" {
			continue
		}
		if os.Getenv(name) != "" {
			return fmt.Errorf("both %s and %s_FILE are set: keep one", name, name)
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("%s_FILE: %w", name, err)
		}
		value := strings.TrimSuffix(strings.TrimSuffix(string(raw), "\n"), "\r")
		if err := os.Setenv(name, value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
