// Private keys under a password, in the two forms that openssl writes.

package certs

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"
)

var (
	errNoPassword  = errors.New("the key is encrypted, and no password is given")
	errBadPassword = errors.New("the password does not open the key")
)

// openKey gives text with the key in the clear.
func openKey(text []byte, password string) ([]byte, error) {
	block := find(text, isKey)
	switch {
	case block == nil:
		return nil, errors.New("no private key in it (PEM is expected)")
	case block.Type == "ENCRYPTED PRIVATE KEY":
		return openPKCS8(block.Bytes, password)
	case x509.IsEncryptedPEMBlock(block): //nolint:staticcheck // a weak form, and what openssl wrote for decades
		if password == "" {
			return nil, errNoPassword
		}
		der, err := x509.DecryptPEMBlock(block, []byte(password)) //nolint:staticcheck
		if err != nil {
			return nil, errBadPassword
		}
		return pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: der}), nil
	}
	return text, nil
}

// The structures of PKCS #8 (RFC 5958) and PBES2 (RFC 8018).
type encryptedKey struct {
	Algorithm pkix.AlgorithmIdentifier
	Data      []byte
}

type pbes2 struct {
	KDF, Cipher pkix.AlgorithmIdentifier
}

type kdfParams struct {
	Salt       []byte
	Iterations int
	Length     int                      `asn1:"optional"`
	PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
}

// iterationsMax bounds the work that a file can ask for: some seconds.
const iterationsMax = 10_000_000

func openPKCS8(der []byte, password string) ([]byte, error) {
	if password == "" {
		return nil, errNoPassword
	}
	var key encryptedKey
	var params pbes2
	var kdf kdfParams
	var iv []byte
	if err := parse(der, &key); err != nil {
		return nil, err
	}
	if !key.Algorithm.Algorithm.Equal(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}) {
		return nil, fmt.Errorf("the key is encrypted by a method that is not known here (%v); openssl pkcs8 -topk8 -v2 aes256 writes one that is", key.Algorithm.Algorithm)
	}
	if err := parse(key.Algorithm.Parameters.FullBytes, &params); err != nil {
		return nil, err
	}
	if !params.KDF.Algorithm.Equal(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}) {
		return nil, fmt.Errorf("the key's password is derived by a method that is not known here (%v)", params.KDF.Algorithm)
	}
	if err := parse(params.KDF.Parameters.FullBytes, &kdf); err != nil {
		return nil, err
	}
	if err := parse(params.Cipher.Parameters.FullBytes, &iv); err != nil {
		return nil, err
	}
	size, newBlock, err := blockCipher(params.Cipher.Algorithm)
	if err != nil {
		return nil, err
	}
	digest, err := prf(kdf.PRF.Algorithm)
	if err != nil {
		return nil, err
	}
	if kdf.Iterations < 1 || kdf.Iterations > iterationsMax {
		return nil, fmt.Errorf("%d rounds of deriving the key are not accepted", kdf.Iterations)
	}
	derived, err := pbkdf2.Key(digest, password, kdf.Salt, kdf.Iterations, size)
	if err != nil {
		return nil, err
	}
	block, err := newBlock(derived)
	if err != nil {
		return nil, err
	}
	if len(iv) != block.BlockSize() || len(key.Data) == 0 || len(key.Data)%block.BlockSize() != 0 {
		return nil, errors.New("the encrypted key is damaged")
	}
	plain := make([]byte, len(key.Data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, key.Data)
	pad := int(plain[len(plain)-1])
	if pad < 1 || pad > block.BlockSize() {
		return nil, errBadPassword
	}
	plain = plain[:len(plain)-pad]
	if _, err := x509.ParsePKCS8PrivateKey(plain); err != nil {
		return nil, errBadPassword
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: plain}), nil
}

func parse(der []byte, into any) error {
	if rest, err := asn1.Unmarshal(der, into); err != nil || len(rest) > 0 {
		return errors.New("the encrypted key is damaged")
	}
	return nil
}

func blockCipher(id asn1.ObjectIdentifier) (size int, make func([]byte) (cipher.Block, error), err error) {
	switch id.String() {
	case "2.16.840.1.101.3.4.1.2":
		return 16, aes.NewCipher, nil
	case "2.16.840.1.101.3.4.1.22":
		return 24, aes.NewCipher, nil
	case "2.16.840.1.101.3.4.1.42":
		return 32, aes.NewCipher, nil
	case "1.2.840.113549.3.7":
		return 24, des.NewTripleDESCipher, nil
	}
	return 0, nil, fmt.Errorf("the key is encrypted by a cipher that is not known here (%v)", id)
}

func prf(id asn1.ObjectIdentifier) (func() hash.Hash, error) {
	switch id.String() {
	case "", "1.2.840.113549.2.7": // left out, it is this one
		return sha1.New, nil
	case "1.2.840.113549.2.9":
		return sha256.New, nil
	case "1.2.840.113549.2.10":
		return sha512.New384, nil
	case "1.2.840.113549.2.11":
		return sha512.New, nil
	}
	return nil, fmt.Errorf("the key's password is derived by a function that is not known here (%v)", id)
}
