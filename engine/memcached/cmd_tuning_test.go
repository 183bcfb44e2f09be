// Tuning: what this server cannot do is refused in words, and what is answered OK is so.

package memcached

import "testing"

func TestM7TuningIsHonest(t *testing.T) {
	c := newRig(t).client()
	for _, step := range []struct{ request, reply string }{
		{"slabs automove 0", replyAutomove},
		{"slabs automove 1", replyOK},
		{"slabs automove 2", replyAutomove},
		{"slabs automove ratio 0.5", replyAutomove},
		{"lru mode flat", replyPolicy},
		{"lru mode segmented", replyPolicy},
		{"lru tune 10 10 1 1", replyPolicy},
		{"lru temp_ttl 5", replyPolicy},
		{"lru temp_ttl -1", replyOK},
		{"lru_crawler tocrawl 0", replyOK},
		{"lru_crawler tocrawl 5", replyWheel},
		{"lru_crawler sleep 5", replyWheel},
	} {
		if got := c.send(step.request + "\r\n"); got != step.reply+"\r\n" {
			t.Errorf("%s: %q, want %q", step.request, got, step.reply)
		}
	}
	if got := c.send("lru mode flat noreply\r\nslabs automove 2 noreply\r\n"); got != "" {
		t.Errorf("noreply: %q", got)
	}
}

// The crawler is what removes expired items that nobody asks for; here that is the setting active-expire.
func TestCrawlerSwitch(t *testing.T) {
	r := newRig(t)
	c := r.client()
	for _, step := range []struct{ request, reply, setting string }{
		{"lru_crawler enable", replyCrawlerOn, "yes"},
		{"lru_crawler disable", replyOK, "no"},
		{"lru_crawler disable", replyCrawlerDown, "no"},
		{"lru_crawler crawl all", replyCrawlerOff, "no"},
		{"lru_crawler enable", replyOK, "yes"},
		{"lru_crawler crawl all", replyOK, "yes"},
	} {
		if got := c.send(step.request + "\r\n"); got != step.reply+"\r\n" || r.e.conf.Get("active-expire") != step.setting {
			t.Errorf("%s: %q, want %q; active-expire %s", step.request, got, step.reply, r.e.conf.Get("active-expire"))
		}
	}
}
