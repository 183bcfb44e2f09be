// Package bench is the load generator behind `cachesrv bench`: the same keys, values and mix for any number of
// Redis and Memcached servers, side by side in one run.
//
// The nouns:
//
//	target     a server under test: its protocol, its address, and the process behind it (target.go, spawn.go)
//	keyspace   key number -> key bytes and value bytes, both derived, nothing stored (keyspace.go)
//	chooser    which key number comes next: zipf, uniform or sequential (chooser.go)
//	verb       one kind of request of a plain load: a row with its encoding and its check for each protocol (verb.go)
//	workload   a data set of a Redis type and the commands on it: a row of texts (workload.go)
//	phrase     one such text made ready: fixed bytes with slots for numbers (phrase.go)
//	script     the commands of a phase of a workload, with how their replies are judged (script.go)
//	replay     a trace whose misses are written, as an application with a cache does (replay.go, hitratio.go)
//	series     workloads one after the other, on every target in turn (series.go)
//	shape      a data set whose memory is weighed (shape.go)
//	parser     counts and classifies replies as their bytes arrive (reply.go)
//	lane       one load connection: its batch in flight and its parser (lane.go)
//	generator  a set of lanes and what drives them: epoll on Linux, net.Conn elsewhere (generator.go)
//	phase      one stretch of load with an end: a preload, a round (generator.go)
//	report     a table with its rounds, printed as text, JSON, CSV or HTML (report.go)
//	scenario   a sub-command that measures something other than speed (scenario_*.go)
//
// A batch travels so: chooser -> verb.encode -> lane.out -> write; read -> parser -> verb.check -> histogram.
// In a workload the script's phrase and ask stand for the verb.
// Between warm-up and the end of a phase nothing on that way allocates.
//
// Ownership: a generator and its lanes belong to the goroutines that run its phase, one goroutine per lane group;
// only the counters marked as shared in generator.go are read from elsewhere while a phase runs. A reply's bytes
// alias the read buffer and are valid until the next read.
//
// A batch is sent whole and the next one starts when its last reply is in. So every server gets batches of the
// same size, and its efficiency does not depend on how the client's reads happen to cut the replies.
package bench
