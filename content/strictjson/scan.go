package strictjson

import "plumbline/content/internal/packfile"

// MaxSize is the size of the largest document that is read, in bytes.
const MaxSize = packfile.MaxSize

// Scan is Check for a format of others, whose members have names of any kind: two that differ in case
// alone are refused all the same, since encoding/json would take one for the other. It calls member with
// the name of every member.
func Scan(data []byte, member func(name string)) error { return packfile.Scan(data, member) }
