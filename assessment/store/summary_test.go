package store

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"reflect"
	"testing"
	"time"

	"plumbline/assessment"
	"plumbline/content"
)

// full is a summary in which every member has a value of its own.
func full() assessment.Summary {
	s := assessment.Summary{
		AreasOut: [3]bool{true, false, true},
		Created:  start.Add(7 * time.Millisecond), Changed: start.Add(-40 * 365 * 24 * time.Hour * 2),
		Next: content.ItemID{Sub: "PR.AA-05", Area: content.Thwart},
	}
	n := 0
	var fill func(v reflect.Value)
	fill = func(v reflect.Value) {
		for i := range v.NumField() {
			switch f := v.Field(i); {
			case !f.IsZero():
			case f.Kind() == reflect.String:
				n++
				f.SetString("text é " + string(rune('a'+n)))
			case f.Kind() == reflect.Int:
				n++
				f.SetInt(int64(n * n * n))
			case f.Kind() == reflect.Uint64:
				n++
				f.SetUint(uint64(n) << 40)
			case f.Kind() == reflect.Array:
				for j := range f.Len() {
					n++
					if f.Index(j).CanInt() {
						f.Index(j).SetInt(int64(n))
					} else {
						f.Index(j).SetUint(uint64(n))
					}
				}
			case f.Kind() == reflect.Struct:
				fill(f)
			}
		}
	}
	fill(reflect.ValueOf(&s).Elem())
	return s
}

// A member that is added to assessment.Summary or Tally and forgotten in the codec fails here.
func TestSummaryKeepsEveryMember(t *testing.T) {
	want := full()
	got, err := decodeSummary(encodeSummary(want))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}

	var zero assessment.Summary
	if got, err = decodeSummary(encodeSummary(zero)); err != nil || !reflect.DeepEqual(got, zero) {
		t.Errorf("zero summary: got %+v, %v", got, err)
	}
}

// Version 1 knew nothing of what is to be re-confirmed.
func TestSummaryOfVersion1(t *testing.T) {
	want := full()
	want.Tally.ToConfirm = 0
	b := encodeSummary(want)
	end := len(b) - crc32.Size - len(want.Head.Hash)
	old := append([]byte{1}, b[1:end-1]...) // the last count, 0, is one byte
	old = append(old, want.Head.Hash[:]...)
	got, err := decodeSummary(binary.BigEndian.AppendUint32(old, crc32.Checksum(old, castagnoli())))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
	}
}

func TestSummaryOfSession(t *testing.T) {
	s, d := newSession("first")
	for n := range 5 {
		d = answer(s, n)
	}
	got, err := decodeSummary(encodeSummary(d.Summary))
	if err != nil || !reflect.DeepEqual(got, s.Summary()) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, s.Summary())
	}
}

// Every flipped bit is noticed, and so is every cut.
func TestSummaryDamage(t *testing.T) {
	whole := encodeSummary(full())
	for i := range 8 * len(whole) {
		b := append([]byte(nil), whole...)
		b[i/8] ^= 1 << (i % 8)
		if _, err := decodeSummary(b); !errors.Is(err, errSummary) {
			t.Fatalf("bit %d flipped: error %v", i, err)
		}
	}
	for n := range whole {
		if _, err := decodeSummary(whole[:n]); !errors.Is(err, errSummary) {
			t.Fatalf("cut to %d of %d bytes: error %v", n, len(whole), err)
		}
	}
}

// FuzzSummary: no bytes make the decoder panic or read past their end, and what it accepts it gives
// back.
func FuzzSummary(f *testing.F) {
	_, d := newSession("seed")
	for _, s := range []assessment.Summary{{}, full(), d.Summary} {
		b := encodeSummary(s)
		f.Add(b)
		f.Add(b[:len(b)-crc32.Size])
	}
	f.Add([]byte{})
	f.Add([]byte{summaryVersion, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01})
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := decodeSummary(b); err != nil && !errors.Is(err, errSummary) {
			t.Errorf("error %v is of another kind", err)
		}
		sealed := binary.BigEndian.AppendUint32(append([]byte(nil), b...), crc32.Checksum(b, castagnoli()))
		s, err := decodeSummary(sealed)
		if err != nil {
			return
		}
		again, err := decodeSummary(encodeSummary(s))
		if err != nil || !reflect.DeepEqual(again, s) {
			t.Errorf("got %+v, %v\nwant %+v", again, err, s)
		}
	})
}
