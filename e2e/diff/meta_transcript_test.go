// The transcript of the meta commands, played to the server it was recorded from and to ours.

package diff

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/e2e/harness"
)

const transcriptPath = "../../engine/memcached/testdata/meta.txt"

// shownVersion is a version in the reply to a meta command; the transcript has c# there.
var shownVersion = regexp.MustCompile(`(?m)^((?:HD|VA|EX|NS)[^\r]*?) c[1-9]\d*`)

// scene is one part of the transcript.
type scene struct{ name, in, out string }

func scenes(t *testing.T) (list []scene) {
	data, err := os.ReadFile(transcriptPath)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(data), "\n") {
		kind, text, _ := strings.Cut(line, " ")
		switch kind {
		case "#":
			list = append(list, scene{name: text})
		case ">":
			list[len(list)-1].in += text + "\r\n"
		case ">|":
			list[len(list)-1].in += unescaped(text)
		case "<":
			list[len(list)-1].out += unescaped(text) + "\r\n"
		case "":
		default:
			t.Fatalf("%q", line)
		}
	}
	return list
}

var repeated = regexp.MustCompile(`\{(\d+)\}`)

func unescaped(text string) string {
	text = repeated.ReplaceAllStringFunc(text, func(n string) string {
		times := 0
		for _, d := range n[1 : len(n)-1] {
			times = 10*times + int(d-'0')
		}
		return strings.Repeat("k", times)
	})
	return strings.NewReplacer(`\r`, "\r", `\n`, "\n", `\0`, "\x00", `\t`, "\t", `\x80`, "\x80").Replace(text)
}

func TestMetaTranscript(t *testing.T) {
	for who, server := range map[string]*harness.Server{"theirs": quietMemcached(t), "ours": harness.Memcached(t)} {
		for _, s := range scenes(t) {
			t.Run(who+"/"+s.name, func(t *testing.T) {
				got := ""
				for try := 0; try < 3 && got != s.out; try++ { // the seconds of a lifetime may tick while it is played
					got = play(t, server, s.in)
				}
				if got != s.out {
					t.Errorf("sent %q\n got %q\nwant %q", s.in, got, s.out)
				}
			})
		}
	}
}

// play sends a scene to an emptied server and reads until a closing mark.
func play(t *testing.T, server *harness.Server, in string) string {
	const mark = "VERSION "
	c, err := server.TryDial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(replyLimit))
	if _, err := c.Write([]byte("flush_all\r\n" + in + "version\r\n")); err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for {
		line, err := c.R.ReadString('\n')
		if err != nil {
			t.Fatalf("after %q: %v", got.String(), err)
		}
		if strings.HasPrefix(line, mark) {
			break
		}
		got.WriteString(line)
	}
	return shownVersion.ReplaceAllString(strings.TrimPrefix(got.String(), "OK\r\n"), "$1 c#")
}
