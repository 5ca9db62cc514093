// URLs of places on S3.
import { describe, expect, it } from 'vitest'
import { parseS3Place } from '../../src/stores/objects/s3-place.ts'

describe('the URL of a place on S3', () => {
  it('names a bucket, a prefix and how to reach the server', () => {
    expect(parseS3Place('s3://bucket')).toEqual({
      bucket: 'bucket',
      prefix: '',
      endpoint: undefined,
      region: undefined,
      style: undefined,
    })
    expect(
      parseS3Place('S3://my.bucket-1/a b/%41/?endpoint=https://ceph.example:8443/&region=eu-1&style=host'),
    ).toEqual({
      bucket: 'my.bucket-1',
      prefix: 'a b/%41/',
      endpoint: 'https://ceph.example:8443',
      region: 'eu-1',
      style: 'host',
    })
  })

  it('may name a server below a path', () => {
    expect(parseS3Place('s3://b1?endpoint=https://host/storage/s3/').endpoint).toBe('https://host/storage/s3')
  })

  it.each([
    's3:',
    's3:bucket',
    's3:///prefix',
    's3://bucket:9000/x',
    's3://b/../x',
    's3://bucket/a//b',
    's3://bucket/.tmp',
    's3://bucket?style=virtual',
    's3://bucket?endpont=http://x',
    's3://bucket?region=',
    's3://bucket?region=a&region=b',
    's3://bucket?endpoint=localhost:9000',
    's3://bucket?endpoint=ftp://x',
    's3://bucket?endpoint=http://x/%3Fa=b#c',
    's3://bucket?endpoint=',
  ])('is refused when it cannot be used: %s', (url) => {
    expect(() => parseS3Place(url)).toThrow(expect.objectContaining({ code: 'bad-argument' }))
  })

  it.each([
    's3://key:pass-word@bucket/x',
    's3://bucket?endpoint=http://key:pass-word@x:9000',
    's3://bucket?AWS_SECRET_ACCESS_KEY=pass-word',
    's3://bucket?secret=pass-word',
  ])('is refused when it holds credentials, which are not repeated: %s', (url) => {
    let message = ''
    try {
      parseS3Place(url)
    } catch (error) {
      message = (error as Error).message
    }
    expect(message).toContain('credentials')
    expect(message).not.toContain('pass-word')
  })
})
