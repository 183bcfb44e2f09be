// Tests of Check: the summary of good files, and refusals.

package rdb

import (
	"bytes"
	"testing"
)

func TestCheck(t *testing.T) {
	b := everything()
	at := int64(0)
	s, err := Check(bytes.NewReader(append(b, 'x')), func(n int64) { at = n })
	if err != nil {
		t.Fatal(err)
	}
	if s.Version != Newest || s.Bytes != int64(len(b)) || at != s.Bytes || !s.MoreBehind || s.Databases != 2 || s.Libraries != 1 || s.ModuleRecords != 1 || len(s.Aux) != 2 {
		t.Errorf("%+v", s)
	}
	if s.Total() != int64(len(samples())+1) || s.Keys[Stream] == 0 || s.Expiring == 0 || s.Expired != s.Expiring {
		t.Errorf("%+v", s)
	}
	s, err = Check(bytes.NewReader(b[:len(b)-20]), nil)
	if err == nil || s.Version != Newest {
		t.Errorf("%+v, %v", s, err)
	}
}
