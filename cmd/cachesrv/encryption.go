// Encryption at rest: from settings and flags to the file system that the data is kept on.

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/core/vfs/crypt"
)

// keyFrom gives the key of a file or behind a command; nil if neither is named.
func keyFrom(file, command string) (crypt.Wrapper, error) {
	switch {
	case file != "" && command != "":
		return nil, errors.New("a key comes from a file or from a command, not from both")
	case file != "":
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%w (for data that is not there yet, cachesrv keys create %s makes a key)", err, file)
		}
		if err != nil {
			return nil, err
		}
		key, err := crypt.ParseKey(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		return key, nil
	case command != "":
		return crypt.Command(command)
	}
	return nil, nil
}

// openFiles gives the file system for the data in dir.
func openFiles(s *config.Settings, dir string) (vfs.FS, error) {
	key, err := keyFrom(s.Get("encryption-key-file"), s.Get("encryption-key-command"))
	if err != nil {
		return nil, fmt.Errorf("encryption: %w", err)
	}
	if key == nil {
		return vfs.OS, nil
	}
	files, err := crypt.New(vfs.OS, dir, key)
	if err != nil {
		return nil, fmt.Errorf("encryption: %w", err)
	}
	return files, nil
}
