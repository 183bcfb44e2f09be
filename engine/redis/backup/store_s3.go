// A store that is a bucket, or a part of one, of an S3-compatible service.

package backup

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

type s3Store struct {
	client         *minio.Client
	bucket, prefix string // prefix is empty or ends with a slash
}

const amazon = "s3.amazonaws.com"

// openS3 does not speak to the service yet.
func openS3(place string, a Account) (Store, error) {
	bucket, prefix, _ := strings.Cut(place, "/")
	if bucket == "" {
		return nil, fmt.Errorf("s3://%s: no bucket: %w", place, ErrTarget)
	}
	if prefix = strings.Trim(prefix, "/"); prefix != "" {
		prefix += "/"
	}
	host, secure := a.Endpoint, true
	if h, plain := strings.CutPrefix(host, "http://"); plain {
		host, secure = h, false
	}
	host = strings.TrimRight(strings.TrimPrefix(host, "https://"), "/")
	if host == "" {
		host = amazon
	}
	transport, err := minio.DefaultTransport(secure)
	if err != nil {
		return nil, err
	}
	if a.CAFile != "" {
		if err := trust(transport, a.CAFile); err != nil {
			return nil, err
		}
	}
	client, err := minio.New(host, &minio.Options{
		Creds: credentials.NewStaticV4(a.Key, a.Secret, a.Session), Secure: secure, Region: a.Region, Transport: transport, MaxRetries: a.Tries,
	})
	if err != nil {
		return nil, fmt.Errorf("s3 endpoint %q: %w", a.Endpoint, err)
	}
	return &s3Store{client, bucket, prefix}, nil
}

func trust(t *http.Transport, file string) error {
	pem, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return fmt.Errorf("%s: no certificate in it", file)
	}
	if t.TLSClientConfig == nil {
		t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	t.TLSClientConfig.RootCAs = pool
	return nil
}

func (s *s3Store) String() string { return "s3://" + s.bucket + "/" + s.prefix }

// told names the object, and makes a missing one fs.ErrNotExist.
func (s *s3Store) told(ctx context.Context, name string, err error) error {
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	} else if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		err = fs.ErrNotExist
	}
	return fmt.Errorf("s3://%s/%s%s: %w", s.bucket, s.prefix, name, err)
}

// Put sends an object in one request: the service shows it once it is whole.
func (s *s3Store) Put(ctx context.Context, name string, r io.ReadSeeker, size int64) error {
	_, err := s.client.PutObject(ctx, s.bucket, s.prefix+name, r, size, minio.PutObjectOptions{ContentType: "application/octet-stream", DisableMultipart: true, SendContentMd5: true})
	return s.told(ctx, name, err)
}

func (s *s3Store) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	o, err := s.client.GetObject(ctx, s.bucket, s.prefix+name, minio.GetObjectOptions{})
	if err == nil {
		_, err = o.Stat() // the request goes out here
		if err != nil {
			err = errors.Join(err, o.Close())
			return nil, s.told(ctx, name, firstOf(err))
		}
	}
	if err != nil {
		return nil, s.told(ctx, name, err)
	}
	return o, nil
}

// firstOf undoes errors.Join, whose result the library does not take apart.
func firstOf(err error) error {
	if j, is := err.(interface{ Unwrap() []error }); is {
		return j.Unwrap()[0]
	}
	return err
}

func (s *s3Store) List(ctx context.Context, prefix string) (found []Object, err error) {
	for o := range s.client.ListObjects(ctx, s.bucket, minio.ListObjectsOptions{Prefix: s.prefix + prefix, Recursive: true}) {
		if o.Err != nil {
			return nil, s.told(ctx, prefix, o.Err)
		}
		found = append(found, Object{strings.TrimPrefix(o.Key, s.prefix), o.Size, o.LastModified})
	}
	return found, s.told(ctx, prefix, context.Cause(ctx))
}

func (s *s3Store) Remove(ctx context.Context, name string) error {
	return s.told(ctx, name, s.client.RemoveObject(ctx, s.bucket, s.prefix+name, minio.RemoveObjectOptions{}))
}
