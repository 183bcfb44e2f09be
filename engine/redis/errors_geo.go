// Error texts of the geo commands.

package redis

import "strconv"

var (
	errGeoUnit     error = replyError("ERR unsupported unit provided. please use M, KM, FT, MI")
	errGeoRadius   error = replyError("ERR need numeric radius")
	errGeoWidth    error = replyError("ERR need numeric width")
	errGeoHeight   error = replyError("ERR need numeric height")
	errGeoNegative error = replyError("ERR radius cannot be negative")
	errGeoBox      error = replyError("ERR height or width cannot be negative")
	errGeoCount    error = replyError("ERR COUNT must be > 0")
	errGeoMember   error = replyError("ERR could not decode requested zset member")
	errGeoAny      error = replyError("ERR the ANY argument requires COUNT argument")
	errGeoStore    error = replyError("ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options")
	errGeoStoring  error = replyError("ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options")
)

func errGeoPair(lon, lat float64) error {
	var buf [2][]byte
	for i, f := range [...]float64{lon, lat} {
		if buf[i] = strconv.AppendFloat(nil, f, 'f', 6, 64); f-f != 0 { // C writes infinities in lower case
			buf[i] = []byte{'i', 'n', 'f'}
			if f < 0 {
				buf[i] = []byte{'-', 'i', 'n', 'f'}
			}
		}
	}
	return errorf("ERR invalid longitude,latitude pair %s,%s", buf[0], buf[1])
}

func errGeoFrom(name []byte) error {
	return errorf("ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for %s", cstr(name, len(name)))
}

func errGeoBy(name []byte) error {
	return errorf("ERR exactly one of BYRADIUS and BYBOX can be specified for %s", cstr(name, len(name)))
}
