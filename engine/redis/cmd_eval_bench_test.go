package redis

import "testing"

func BenchmarkFeedEVAL(b *testing.B) {
	benchmarkFeed(b, "EVAL", "return redis.call('get',KEYS[1])", "1", "key:000000000001")
}
