// Several nodes and the clients that spread their keys over them.

package clients

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

// nodes starts servers that tell clients of all of them but the last, and gives their ports.
func nodes(t *testing.T, n int) (ports []string) {
	t.Helper()
	var list []string
	for range n {
		ports = append(ports, strconv.Itoa(harness.FreePort(t)))
		list = append(list, "127.0.0.1|127.0.0.1|"+ports[len(ports)-1])
	}
	for _, p := range ports {
		number, _ := strconv.Atoi(p)
		s := harness.Start(t, "memcached", harness.Bin(t), number, "--engine=memcached", "--port="+p, "--cluster-nodes="+strings.Join(list[:n-1], " "))
		s.AwaitReady(t)
	}
	return ports
}

func ringScript(t *testing.T, program, file string, ports []string) {
	t.Helper()
	cmd := exec.Command(program, append([]string{filepath.Join(harness.Root(), file)}, ports...)...)
	cmd.Env = harness.CleanEnv()
	timer := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	defer timer.Stop()
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "all good") {
		t.Errorf("%s: %v\n%s", file, err, out)
	}
}

func ownOnly(t *testing.T) {
	if os.Getenv("CACHESRV_SUBJECT") == "oracle" {
		t.Skip("the original knows no auto discovery")
	}
}

func TestNodeAutoDiscovery(t *testing.T) {
	ownOnly(t)
	ringScript(t, nodeModule(t, "memcached-elasticache"), "e2e/node/memcached_discovery.js", nodes(t, 4))
}

func TestPythonRings(t *testing.T) {
	ownOnly(t)
	harness.Python(t, "pymemcache")
	ringScript(t, harness.Python(t, "pylibmc"), "e2e/python/memcached_ring.py", nodes(t, 4))
}

// TestConfigOfTheCluster asks as ElastiCache's clients do, byte by byte.
func TestConfigOfTheCluster(t *testing.T) {
	ownOnly(t)
	s := harness.Memcached(t, "--cluster-nodes=a.example|10.0.0.1|11211 b.example||11212", "--cluster-version=12")
	c := s.Dial(t)
	data := "12\na.example|10.0.0.1|11211 b.example||11212\n"
	c.Ask("config get cluster\r\n", fmt.Sprintf("CONFIG cluster 0 %d\r\n%s\r\nEND\r\n", len(data), data))
	c.Ask("config get cluster\n", fmt.Sprintf("CONFIG cluster 0 %d\r\n%s\r\nEND\r\n", len(data), data))
	c.Ask("get AmazonElastiCache:cluster\r\n", fmt.Sprintf("VALUE AmazonElastiCache:cluster 0 %d\r\n%s\r\nEND\r\n", len(data), data))
	c.Ask("config set cluster 0 11\r\n12\nc||11211\r\n", "CLIENT_ERROR the version must be above that of the list there is\r\n")
	c.Ask("config set cluster 0 11\r\n13\nc||11211\r\nconfig get cluster\r\n", "STORED\r\nCONFIG cluster 0 12\r\n13\nc||11211\n\r\nEND\r\n")
	c.Ask("config delete cluster\r\nconfig get cluster\r\n", "DELETED\r\nEND\r\n")
}
