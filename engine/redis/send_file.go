// Sending a snapshot by way of a file, for clients that want to know its length first.

package redis

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
)

// sendFile writes a snapshot to a file of its own and sends that.
func (e *Engine) sendFile(to *sender) error {
	name := e.dataFile("temp-send-" + strconv.Itoa(os.Getpid()) + ".rdb")
	f, err := e.fs.Open(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		_ = f.Close()
		_ = e.fs.Remove(name)
	}()
	if err := e.writeSnapshot(context.Background(), f, rdbAux{}, nil); err != nil {
		return err
	}
	size, err := f.Size()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(to, "$%d\r\n", size); err != nil {
		return err
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{io.NewSectionReader(f, 0, size)}, make([]byte, spoolBuffer))
	return err
}
