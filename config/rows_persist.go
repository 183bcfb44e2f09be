// Parameters of redis's files, which work, and of replication, which comes later.

package config

import (
	"errors"
	"math"
)

func persistRows() []Row {
	const i32, i64 = math.MaxInt32, math.MaxInt64
	return []Row{
		works("backup-schedule", Text("schedule", checkSchedule), "", "When a backup is made: five fields as in crontab (0 3 * * *), a word such as @daily, or every and a duration (every 6h, counted from the youngest backup in the target); empty: never.").guarded(),
		works("backup-target", Text("directory or s3://bucket/prefix", nil), "", "Where backups go. For S3 the environment gives AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.").guarded(),
		works("backup-keep", Text("number, age or both", checkKeep), "", "How many backups stay (7), how long (30d), or both (7 30d); empty: all. The youngest always stays.").guarded(),
		works("backup-rate", Mem(0, i64), "0", "Bytes a second at most that a backup sends; 0: as fast as it goes."),
		works("backup-s3-endpoint", Text("host or URL", nil), "", "S3-compatible service that backups go to; empty: AWS_ENDPOINT_URL, or Amazon's own.").guarded(),
		works("backup-s3-region", Text("name", nil), "", "Region of that service; empty: AWS_REGION.").guarded(),
		works("save", savePoints(), "3600 1 300 100 60 10000", "Seconds and changes after which a snapshot is written, in pairs; empty: never."),
		works("dbfilename", Text("file name", dbFileName), "dump.rdb", "Name of the snapshot, in dir.").guarded(),
		works("rdbchecksum", Bool(), "yes", "End the snapshot with a checksum, and look at it when one is loaded.").fixed(),
		works("rdb-version", Int(10, 12), "10", "Version in which snapshots are written: redis-server 7.0 reads 10, 7.2 also 11, 7.4 also 12. One with fields that expire is always 12."),
		works("rdb-save-incremental-fsync", Bool(), "yes", "Sync a snapshot every 32 MB while it is written, so that the disk is never far behind."),
		works("rdb-key-save-delay", Int(math.MinInt32, i32), "0", "Slow snapshots down by so many microseconds a key, or below zero by one for so many keys: for tests."),
		works("key-load-delay", Int(math.MinInt32, i32), "0", "Slow loading down by so many microseconds a key, or below zero by one for so many keys: for tests."),
		known("rdb-del-sync-files", Bool(), "no", "Remove snapshots that only served replication."),
		moot("sanitize-dump-payload", Enum("no", "yes", "clients"), "no", "Check payloads of RESTORE in depth; here they always are."),
		works("stop-writes-on-bgsave-error", Bool(), "yes", "Refuse writes after a save rule's snapshot has failed, until one succeeds."),
		works("appendonly", Bool(), "no", "Keep a log of all writes, the append-only file, which the next start reads in place of the snapshot."),
		works("appendfilename", Text("file name", checkFileName), "appendonly.aof", "Base name of the append-only file's files.").fixed(),
		works("appenddirname", Text("directory name", checkFileName), "appendonlydir", "Directory of the append-only file, in dir.").fixed(),
		works("appendfsync", Enum("everysec", "always", "no"), "everysec", "When the append-only file is synced: after every batch of writes and before their replies (always), once a second (everysec), or when the system likes (no)."),
		works("no-appendfsync-on-rewrite", Bool(), "no", "Do not sync the append-only file while a snapshot or rewrite runs."),
		works("auto-aof-rewrite-percentage", Int(0, i32), "100", "Growth since the last rewrite, in percent, at which the append-only file is rewritten; 0: never by itself."),
		works("auto-aof-rewrite-min-size", Mem(0, i64), "64mb", "Size below which the append-only file is not rewritten by itself."),
		works("aof-load-truncated", Bool(), "yes", "Start with an append-only file whose end is cut off."),
		works("aof-use-rdb-preamble", Bool(), "yes", "Begin a rewritten append-only file with a snapshot."),
		works("aof-timestamp-enabled", Bool(), "no", "Write times into the append-only file."),
		works("aof-rewrite-incremental-fsync", Bool(), "yes", "Sync a rewrite of the append-only file every 32 MB while it is written."),
		works("aof-disable-auto-gc", Bool(), "no", "Keep old files of the append-only file after a rewrite."),
		works("aof-history-seconds", Int(0, i32), "0", "Keep the append-only file's old files for so many seconds after a rewrite has replaced them, and write times into it, so that the data can be restored as of any moment since; 0: not at all."),
		known("propagation-error-behavior", Enum("ignore", "panic", "panic-on-replicas"), "ignore", "What a failing command from master or log does."),

		known("replicaof", Words("host port", twoWords), "", "Follow this master.").fixed().with("slaveof"),
		known("masterauth", Text("password", nil), "", "Password for the master.").hidden(),
		known("masteruser", Text("user", nil), "", "User for the master."),
		known("replica-serve-stale-data", Bool(), "yes", "Answer while the link to the master is down.").with("slave-serve-stale-data"),
		known("replica-read-only", Bool(), "yes", "Refuse writes on a replica.").with("slave-read-only"),
		known("replica-priority", Int(0, i32), "100", "Rank of this replica for a failover.").with("slave-priority"),
		known("replica-announced", Bool(), "yes", "Show this replica to sentinels."),
		known("replica-announce-ip", Text("address", nil), "", "Address that a replica tells its master.").with("slave-announce-ip"),
		known("replica-announce-port", Int(0, 65535), "0", "Port that a replica tells its master.").with("slave-announce-port"),
		known("replica-ignore-maxmemory", Bool(), "yes", "Leave eviction to the master.").with("slave-ignore-maxmemory"),
		known("replica-ignore-disk-write-errors", Bool(), "no", "Go on when a replica cannot write."),
		known("replica-lazy-flush", Bool(), "no", "Empty a replica in the background before a full copy.").with("slave-lazy-flush"),
		known("repl-backlog-size", Mem(1, i64), "1mb", "Bytes kept for replicas that come back."),
		known("repl-backlog-ttl", Int(0, i64), "3600", "Seconds they are kept without replicas."),
		works("repl-timeout", Int(1, i32), "60", "Seconds after which a client that does not take the snapshot it asked for is given up."),
		works("repl-ping-replica-period", Int(1, i32), "10", "Seconds between signs of life to clients that have got or await a snapshot.").with("repl-ping-slave-period"),
		known("repl-disable-tcp-nodelay", Bool(), "no", "Send to replicas in fewer, later packets."),
		known("repl-diskless-sync", Bool(), "yes", "Send full copies without a file."),
		known("repl-diskless-sync-delay", Int(0, i32), "5", "Seconds to wait for more replicas before."),
		known("repl-diskless-sync-max-replicas", Int(0, i32), "0", "Replicas that end the wait."),
		known("repl-diskless-load", Enum("disabled", "on-empty-db", "swapdb"), "disabled", "Load full copies without a file."),
		known("min-replicas-to-write", Int(0, i32), "0", "Replicas without which writes are refused.").with("min-slaves-to-write"),
		known("min-replicas-max-lag", Int(0, i32), "10", "Seconds of lag up to which they count.").with("min-slaves-max-lag"),
	}
}

func dbFileName(name string) error {
	if checkFileName(name) != nil {
		return errors.New("dbfilename can't be a path, just a filename")
	}
	return nil
}

func twoWords(list []string) error {
	if len(list) != 0 && len(list) != 2 {
		return errors.New("wrong number of arguments")
	}
	return nil
}
