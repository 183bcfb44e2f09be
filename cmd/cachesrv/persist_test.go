// Tests of the program over its data: saved at the end, loaded at the start, and no start over a damaged file.

package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// send sends inline commands to the server and gives the lines of their replies.
func send(t *testing.T, port string, lines ...string) (replies []string) {
	t.Helper()
	c, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r := bufio.NewReader(c)
	for _, line := range lines {
		fmt.Fprintf(c, "%s\r\n", line)
		reply, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		replies = append(replies, strings.TrimSpace(reply))
	}
	return replies
}

func TestDataOutlivesTheProgram(t *testing.T) {
	port, dir := freePort(t), t.TempDir()
	server := program(t, "cachesrv", "--port="+port, "--dir="+dir)
	log := running(t, server)
	if got := send(t, port, "SET k v", "RPUSH l a b c"); got[1] != ":3" {
		t.Fatalf("%q", got)
	}
	signalTo(t, server.Process, syscall.SIGTERM)
	until(t, log, "DB saved on disk")
	if err := server.Wait(); err != nil {
		t.Fatal(err)
	}
	server = program(t, "cachesrv", "--port="+port, "--dir="+dir)
	log = running(t, server)
	if got := send(t, port, "STRLEN k", "LLEN l", "DBSIZE"); strings.Join(got, " ") != ":1 :3 :2" {
		t.Fatalf("%q", got)
	}
	signalTo(t, server.Process, syscall.SIGINT)
	until(t, log, "bye bye")
	if err := server.Wait(); err != nil {
		t.Fatal(err)
	}

	name := filepath.Join(dir, "dump.rdb")
	out, err := program(t, "cachesrv", "check", "rdb", name).CombinedOutput()
	if err != nil || !strings.Contains(string(out), name+": ok\n") || !strings.Contains(string(out), "2 keys in 1 databases") {
		t.Errorf("%v\n%s", err, out)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-3] ^= 1
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"check", "rdb", name}, {"--port=" + port, "--dir=" + dir}} {
		cmd := program(t, "cachesrv", args...)
		out, err := cmd.CombinedOutput()
		if err == nil || cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), fmt.Sprintf("%s: offset %d: the checksum", name, len(b)-8)) {
			t.Errorf("%q: %v\n%s", args, err, out)
		}
	}
}

func TestTheServerGoesOnWhenItCannotSave(t *testing.T) {
	port, dir := freePort(t), filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	server := program(t, "cachesrv", "--port="+port, "--dir="+dir)
	log := running(t, server)
	send(t, port, "SET k v")
	if err := os.RemoveAll(dir); err != nil { // the lock of the snapshot is in it
		t.Fatal(err)
	}
	signalTo(t, server.Process, syscall.SIGTERM)
	until(t, log, "errors trying to shut down")
	if got := send(t, port, "STRLEN k", "SET k w"); got[0] != ":1" || got[1] != "+OK" {
		t.Fatalf("%q", got)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	signalTo(t, server.Process, syscall.SIGTERM)
	until(t, log, "DB saved on disk")
	if err := server.Wait(); err != nil {
		t.Fatal(err)
	}
}
