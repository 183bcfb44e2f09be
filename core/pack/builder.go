// Builder: a listpack written from front to back, for conversions and for payloads from outside.

package pack

// Builder appends elements to a buffer and writes the header once. The zero Builder builds on the Go heap; one from NewBuilder
// fills the buffer it was given and goes to the heap only when that is full. It owns the buffer until Done.
type Builder struct {
	b []byte
	n int
}

// NewBuilder builds in block, whose content is overwritten up to its capacity.
func NewBuilder(block []byte) Builder { return Builder{b: block[:0]} }

// Add appends an element.
func (b *Builder) Add(e Elem) {
	b.start()
	n := e.size()
	at := len(b.b)
	b.b = grow(b.b, n+backLen(n))
	e.put(b.b[at:])
	b.n++
}

// AddRun appends count elements that are encoded already.
func (b *Builder) AddRun(run []byte, count int) {
	b.start()
	b.b = append(b.b, run...)
	b.n += count
}

// Len is the number of elements so far.
func (b *Builder) Len() int { return b.n }

// Size is the length that the listpack would have if nothing more were added.
func (b *Builder) Size() int { return max(len(b.b), headerSize) + 1 }

// Done ends the listpack and gives it away; the Builder is empty then and has no buffer.
func (b *Builder) Done() Listpack {
	b.start()
	lp := Listpack(append(b.b, endOfPack))
	lp.setTotal()
	lp.setCount(b.n)
	*b = Builder{}
	return lp
}

func (b *Builder) start() {
	if len(b.b) == 0 {
		b.b = grow(b.b, headerSize)
	}
}

// grow lengthens b by n bytes of any content.
func grow(b []byte, n int) []byte {
	if len(b)+n <= cap(b) {
		return b[:len(b)+n]
	}
	return append(b, make([]byte, n)...)
}
