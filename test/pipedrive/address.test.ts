import { expect, test } from 'vitest';
import { apiBase } from '../../src/pipedrive/address.ts';

test.each([
  [{}, 'https://api.pipedrive.com'],
  [{ companyDomain: 'acme' }, 'https://acme.pipedrive.com'],
  [{ companyDomain: ' Acme ' }, 'https://acme.pipedrive.com'],
  [{ companyDomain: 'acme.pipedrive.com' }, 'https://acme.pipedrive.com'],
  [{ companyDomain: 'https://acme.pipedrive.com' }, 'https://acme.pipedrive.com'],
  [{ companyDomain: 'https://acme.pipedrive.com/pipeline/1' }, 'https://acme.pipedrive.com'],
  [{ baseUrl: 'https://acme.pipedrive.com/' }, 'https://acme.pipedrive.com'],
  [{ baseUrl: 'https://acme.pipedrive.com/api/v1' }, 'https://acme.pipedrive.com'],
  [{ baseUrl: 'https://api.pipedrive.com/v1/' }, 'https://api.pipedrive.com'],
  [{ baseUrl: 'https://api.pipedrive.com/api/v2' }, 'https://api.pipedrive.com'],
  [{ baseUrl: 'https://pipedrive.com' }, 'https://pipedrive.com'],
  [{ baseUrl: 'http://127.0.0.1:8080' }, 'http://127.0.0.1:8080'],
  [{ baseUrl: 'http://127.8.9.1:8080/api/v1/' }, 'http://127.8.9.1:8080'],
  [{ baseUrl: 'https://localhost:1' }, 'https://localhost:1'],
  [{ baseUrl: 'http://[::1]:81/' }, 'http://[::1]:81'],
  [{ baseUrl: 'http://127.0.0.1:1', companyDomain: 'acme' }, 'http://127.0.0.1:1'],
])('%o is %s', (settings, base) => {
  expect(apiBase(settings)).toBe(base);
  expect(apiBase({ baseUrl: base })).toBe(base);
});

test.each([
  'http://acme.pipedrive.com',
  'https://pipedrive.com.evil.example',
  'https://evilpipedrive.com',
  'https://acme.pipedrive.com@evil.example',
  'https://me:secret@acme.pipedrive.com',
  'https://acme.pipedrive.com:8443',
  'https://acme.pipedrive.com/?api_token=1',
  'https://acme.pipedrive.com/deals',
  'https://acme.pipedrive.com./',
  'http://127.0.0.1.evil.example',
  'http://128.0.0.1',
  'http://0.0.0.0:80',
  'http://localhost.evil.example',
  'ftp://localhost',
  'file:///etc/passwd',
  'acme',
  '',
])('the base URL %o is refused in words', (baseUrl) => {
  expect(() => apiBase({ baseUrl })).toThrow(/^The Pipedrive base URL /);
});

test.each([
  'acme.example',
  'https://evilpipedrive.com',
  'http://acme.pipedrive.com',
  'pipedrive.com',
  'a/b',
  'a@b',
  'acme?x',
  '',
  'two words',
  'acme.pipedrive.com.evil.example',
])('the company domain %o is refused in words', (companyDomain) => {
  expect(() => apiBase({ companyDomain })).toThrow(/^The Pipedrive company domain /);
});
