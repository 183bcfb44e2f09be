// Running in the background: the program starts itself again, detached, and waits until the child listens or says why not.

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// childEnv tells the child which descriptor leads to its parent. Its name is none of the settings'.
const childEnv = "_CACHESRV_BACKGROUND"

// childPipe is the child's end: one message, then it is closed. All methods take a nil receiver, which is a server in
// the foreground.
type childPipe struct{ file *os.File }

// openChild gives the pipe if this process is the child.
func openChild() *childPipe {
	number := os.Getenv(childEnv)
	if number == "" {
		return nil
	}
	os.Unsetenv(childEnv)
	fd, err := strconv.Atoi(number)
	if err != nil {
		return nil
	}
	keepFromChildren(fd)
	return &childPipe{os.NewFile(uintptr(fd), "parent")}
}

// listening ends the parent's wait.
func (c *childPipe) listening() {
	if c == nil {
		return
	}
	fmt.Fprintln(c.file, "listening")
	c.file.Close()
}

// failed hands the parent the words and the status to end with.
func (c *childPipe) failed(s style, err error) {
	var words bytes.Buffer
	status := s.fail(&words, err)
	fmt.Fprintf(c.file, "%d %s", status, words.Bytes())
	c.file.Close()
}

// runInBackground starts the child and gives what it reports. Streams are detached; the child is the leader of a session of
// its own, so that no terminal reaches it.
func runInBackground(l *launch) error {
	if !canDetach {
		return errors.New("this system cannot run the server in the background")
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer read.Close()
	child := &exec.Cmd{
		Path:        program,
		Args:        os.Args, // the name it was called by stays
		Env:         append(os.Environ(), childEnv+"=3"),
		ExtraFiles:  []*os.File{write},
		SysProcAttr: detached(),
	}
	if l.stdin != nil {
		child.Stdin = bytes.NewReader(l.stdin)
	}
	if err := child.Start(); err != nil {
		write.Close()
		return err
	}
	write.Close()
	report, err := io.ReadAll(read)
	if err != nil {
		return err
	}
	if strings.HasPrefix(string(report), "listening") {
		return child.Process.Release()
	}
	_ = child.Wait()
	return reported(string(report))
}

// reported reads a child's failure and writes its words.
func reported(report string) error {
	number, words, found := strings.Cut(report, " ")
	status, err := strconv.Atoi(number)
	if !found || err != nil || status == 0 {
		return errors.New("the server in the background ended before it listened; see its log")
	}
	os.Stderr.WriteString(words)
	return &exitStatus{status: status}
}
