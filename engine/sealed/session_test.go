// Tests of sealed sessions: records in any pieces, both directions, ends and mischief.

package sealed

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	mrand "math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"
)

// pair gives a client and a server whose handshake is done, both detached.
func pair(t *testing.T, version uint16) (client, server *Session) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{
		Certificates:                []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		MaxVersion:                  version,
		InsecureSkipVerify:          true,
		SessionTicketsDisabled:      true, // the server would wait for somebody to read them
		DynamicRecordSizingDisabled: true,
	}
	a, b := net.Pipe()
	client, server = Client(a, config), Server(b, config)
	failed := make(chan error, 1)
	go func() { failed <- server.Conn().Handshake() }()
	if err := client.Conn().Handshake(); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; err != nil {
		t.Fatal(err)
	}
	client.Detach()
	server.Detach()
	return client, server
}

func bothVersions(t *testing.T, test func(t *testing.T, client, server *Session)) {
	for name, v := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			client, server := pair(t, v)
			test(t, client, server)
		})
	}
}

// openAll gives what the session makes of records that arrive in pieces of the given sizes, with a room that is small.
func openAll(t *testing.T, s *Session, records []byte, piece func() int, room int) []byte {
	t.Helper()
	var all []byte
	buf := make([]byte, room)
	for len(records) > 0 || s.Holds() {
		var arrived []byte
		if !s.Holds() {
			n := min(piece(), len(records))
			arrived = bytes.Clone(records[:n]) // the caller uses its buffer again
			records = records[n:]
		}
		n, err := s.Open(buf, arrived)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, buf[:n]...)
		for i := range arrived {
			arrived[i] = 0xee
		}
	}
	return all
}

func TestRecordsInAnyPieces(t *testing.T) {
	bothVersions(t, func(t *testing.T, client, server *Session) {
		const seed = 7
		r := mrand.New(mrand.NewPCG(seed, seed))
		for round := range 60 {
			var plain, records []byte
			var err error
			for range 1 + r.IntN(5) {
				p := make([]byte, 1+r.IntN(40_000>>(r.IntN(12))))
				for i := range p {
					p[i] = byte(r.Uint32())
				}
				plain = append(plain, p...)
				if records, err = client.Seal(records, p); err != nil {
					t.Fatal(err)
				}
			}
			largest := 1 + r.IntN(30_000)
			got := openAll(t, server, records, func() int { return 1 + r.IntN(largest) }, 1+r.IntN(20_000))
			if !bytes.Equal(got, plain) {
				t.Fatalf("seed %d, round %d: %d bytes became %d others", seed, round, len(plain), len(got))
			}
			client, server = server, client // the other direction
		}
	})
}

func TestFarewellIsTheEnd(t *testing.T) {
	bothVersions(t, func(t *testing.T, client, server *Session) {
		records, err := client.Seal(nil, []byte("last words"))
		if err != nil {
			t.Fatal(err)
		}
		records = client.Farewell(records)
		buf := make([]byte, 100)
		n, err := server.Open(buf, records)
		if string(buf[:n]) != "last words" || err != nil || !server.Holds() {
			t.Fatalf("%q, %v, holds %v", buf[:n], err, server.Holds())
		}
		if n, err = server.Open(buf, nil); n != 0 || err != io.EOF {
			t.Fatalf("%d, %v", n, err)
		}
	})
}

func TestCutOffInTheMiddleOfARecord(t *testing.T) {
	bothVersions(t, func(t *testing.T, client, server *Session) {
		records, _ := client.Seal(nil, []byte("half of this"))
		buf := make([]byte, 100)
		if n, err := server.Open(buf, records[:len(records)-1]); n != 0 || err != nil || server.Holds() {
			t.Fatalf("%d, %v", n, err)
		}
		server.Ended()
		if n, err := server.Open(buf, nil); n != 0 || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("%d, %v", n, err)
		}
	})
}

func TestAForgedRecordIsAnsweredWithAnAlert(t *testing.T) {
	bothVersions(t, func(t *testing.T, client, server *Session) {
		good, _ := client.Seal(nil, []byte("good"))
		bad, _ := client.Seal(nil, []byte("forged"))
		bad[len(bad)-1] ^= 1
		buf := make([]byte, 100)
		n, err := server.Open(buf, append(good, bad...))
		if string(buf[:n]) != "good" || err != nil {
			t.Fatalf("%q, %v", buf[:n], err)
		}
		if n, err = server.Open(buf, nil); n != 0 || err == nil || err == io.EOF {
			t.Fatalf("%d, %v", n, err)
		}
		if _, err := client.Open(buf, server.Farewell(nil)); err == nil || !strings.Contains(err.Error(), "bad record MAC") {
			t.Fatalf("the client was told %v", err)
		}
	})
}

// A server that is asked for new keys again and again has to answer each time: nobody may make it keep answers without end.
func TestAnswersNobodyTakesAreBounded(t *testing.T) {
	_, server := pair(t, tls.VersionTLS13)
	w := &server.wire
	for range 10_000 {
		if _, err := w.Write(make([]byte, 27)); err != nil {
			if len(w.unasked) > unaskedMax {
				t.Fatalf("%d bytes", len(w.unasked))
			}
			return
		}
	}
	t.Fatal("no end")
}
