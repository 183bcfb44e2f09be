// Encryption at rest: a file system whose files nobody reads without the key.

// Package crypt is a layer over a vfs.FS that encrypts every file that is written through it, and refuses every file that is not exactly what was written.
//
// The nouns. A Wrapper is the key that people hold (a key file, or a command that asks a key service); it wraps data keys and does nothing else. A ring is the
// small file cachesrv.keys with the wrapped data keys, in the directory that it is for and those below. FS is the layer. A container is one
// encrypted file: a header and frames.
//
// The header names the data key and carries a salt, from which the key of this one file is derived (HKDF-SHA256). A frame is what one Write
// brought, cut at 64 KB: a clear head (length, offset in the plain file, how much was synced when it was sealed), a random nonce, the ciphertext, and the tag of AES-256-GCM over
// all of it. Because every file has its own key and every head its offset, frames that are swapped, repeated, left out or taken from another file do not open. 52 bytes a
// frame; a group of a log that is written at once is one frame. Nonces are drawn and not counted: after a file was cut, the same place is sealed again under the same key.
//
// Where does a file end? A whole file (opened without os.O_APPEND: snapshots, manifests) has a mark after the last frame, which Sync and Close write and the next Write takes away
// again. So a synced whole file is complete at every moment, and one that was cut at a frame's border is refused. A log (made with os.O_APPEND) cannot be refused for a missing end: that
// is how a machine that lost its power leaves it. Its last frames may be missing, cut or full of holes, and it must open up to the last good one. But a bad
// frame may also be damage to what was safe, and then dropping the rest would lose what was promised. The heads tell them apart: a frame says how much of the
// file had been synced before it. If behind a bad place any frame opens that knows that place to be synced, the file is damaged and refused with
// its name and offset (ErrDamaged). If none does, what follows was never promised: reading ends there with ErrTorn, which is an io.ErrUnexpectedEOF, so
// that whoever reads decides as for a plain file whose last record is cut; writing goes on there. Closing a log in order leaves a mark with the same knowledge,
// so that after an orderly stop damage in the very last frame is found too. What nobody can tell: a log cut at a frame's border, without that the
// power was lost and before it was closed, looks as if the power was lost; and an older copy of a whole file in place of the newer one opens.
//
// Truncate at any offset works. Inside of a frame it takes the frame away and seals its first part anew, so a crash between the two loses that part: logs are cut
// inside a frame only where a group was torn, none of which was acknowledged as synced. Cutting what was synced is made safe at once.
//
// Rotation wraps the data keys anew and replaces the ring; no data is touched and a server that runs meanwhile does not notice. Who had the old key and a copy
// of the old ring keeps the data keys: NewDataKey adds one for files to come, and what is rewritten regularly moves over to it.
//
// Locks are not encrypted; names, sizes and times of files are visible.
package crypt
