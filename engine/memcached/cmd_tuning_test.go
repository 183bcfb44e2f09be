// Tuning: what is answered OK is kept, shown, and in force where there is something like it.

package memcached

import (
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
)

func TestM7TuningIsKept(t *testing.T) {
	r := newRig(t)
	r.e.conf.OnChange("maxmemory-policy", func(name string) { _ = r.store.SetPolicy(name) }) // as the program does
	c := r.client()
	for _, step := range []struct{ request, shown string }{
		{"slabs automove 0", "slab_automove 0"},
		{"slabs automove 2", "slab_automove 2"},
		{"slabs automove ratio 0.5", "slab_automove_ratio 0.50"},
		{"lru mode flat", "lru_segmented no"},
		{"lru mode segmented", "lru_segmented yes"},
		{"lru tune 10 30 0.25 1.5", "hot_lru_pct 10"},
		{"lru tune 11 31 0.25 3", "warm_max_factor 3.00"},
		{"lru temp_ttl 5", "temporary_ttl 5"},
		{"lru temp_ttl -9", "temp_lru no"},
		{"lru temp_ttl -9", "temporary_ttl 5"},
		{"lru temp_ttl 99999999999", "temporary_ttl 1215752191"},
		{"lru tune 0 80 1 1e9", "hot_lru_pct 0"},
		{"lru tune 80 0 1 1", "warm_lru_pct 0"},
		{"lru_crawler tocrawl 5", "lru_crawler_tocrawl 5"},
		{"lru_crawler sleep 5", "lru_crawler_sleep 5"},
	} {
		if got := c.send(step.request + "\r\n"); got != replyOK+"\r\n" {
			t.Errorf("%s: %q", step.request, got)
		}
		if !strings.Contains(c.send("stats settings\r\n"), "STAT "+step.shown+"\r\n") {
			t.Errorf("%s: stats settings does not show %q", step.request, step.shown)
		}
	}
	if got := c.send("lru mode flat noreply\r\nslabs automove 1 noreply\r\nlru noreply\r\nlru foo noreply\r\nlru tune 1 noreply\r\n"); got != "" {
		t.Errorf("noreply: %q", got)
	}
}

// TestM7TuningIsHonest: where there are no queues the first lru tune or temp_ttl, and only that, tells the log so.
func TestM7TuningIsHonest(t *testing.T) {
	for mode, want := range map[string]int{"flat": 1, "segmented": 0} {
		r := newRig(t)
		var log strings.Builder
		r.e.log = hclog.New(&hclog.LoggerOptions{Output: &log})
		c := r.client()
		c.send("lru mode " + mode + "\r\nlru tune 10 30 0 0\r\n") // refused: nothing to tell
		if log.Len() != 0 {
			t.Errorf("a refused one: %s", log.String())
		}
		c.send("lru tune 10 30 0.25 1.5\r\nlru temp_ttl 5\r\n")
		if n := strings.Count(log.String(), "[WARN]"); n != want {
			t.Errorf("%s: %d warnings, want %d: %s", mode, n, want, log.String())
		}
	}
}

// The crawler is what removes expired items that nobody asks for; here that is the setting active-expire.
func TestCrawlerSwitch(t *testing.T) {
	r := newRig(t)
	c := r.client()
	for _, step := range []struct{ request, reply, setting string }{
		{"lru_crawler enable", replyCrawlerOn, "yes"},
		{"lru_crawler disable", replyOK, "no"},
		{"lru_crawler disable", replyOK, "no"},
		{"lru_crawler crawl all", replyCrawlerOff, "no"},
		{"lru_crawler enable", replyOK, "yes"},
		{"lru_crawler crawl all", replyOK, "yes"},
		{"lru_crawler crawl ,1,,2,", replyOK, "yes"},
		{"lru_crawler crawl 1,64", replyBadClasses, "yes"},
		{"lru_crawler crawl ,", replyNoClasses, "yes"},
		{"lru_crawler metadump ,,", replyNoClasses, "yes"},
		{"lru_crawler crawl hash", replyCrawlNoHash, "yes"},
	} {
		if got := c.send(step.request + "\r\n"); got != step.reply+"\r\n" || r.e.conf.Get("active-expire") != step.setting {
			t.Errorf("%s: %q, want %q; active-expire %s", step.request, got, step.reply, r.e.conf.Get("active-expire"))
		}
	}
}
