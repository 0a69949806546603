import { expect, test } from 'vitest';
import { sharedTraits, withoutLegalForm } from '../../src/tools/writing/alike.ts';

test.each([
  ['Acme, Inc.', 'Acme'],
  ['Müller & Söhne GmbH & Co. KG', 'Müller & Söhne'],
  ['Foo Sp. z o.o.', 'Foo'],
  ['Bar S.A. de C.V.', 'Bar'],
  ['AB Volvo', 'Volvo'],
  ['Vitamin E GmbH', 'Vitamin E'],
  ['Generation Z', 'Generation Z'],
  ['Limited', 'Limited'],
])('%s without its legal form is %s', (name, core) => {
  expect(withoutLegalForm(name)).toBe(core);
});

test.each([
  [{ name: 'ACME gmbh' }, { name: 'Acmé' }, true],
  [{ name: 'Acme' }, { name: 'Acme Werke' }, false],
  [{ name: 'Acme', address: { value: '1 Main St, Oslo' } }, { name: 'acme', address: '1 Main St, 0150 Oslo' }, true],
  [{ name: 'Acme', address: '1 Main St, Oslo' }, { name: 'Acme', address: '2 Main St, Oslo' }, false],
  [{ name: '&&' }, { name: '++' }, false],
])('organizations %j and %j', (one, other, isSame) => {
  expect(sharedTraits('organization', one, other).length > 0).toBe(isSame);
});

test.each([
  [{ emails: [{ value: ' A@b.ee' }] }, { emails: ['a@B.ee'] }, 'same e-mail a@b.ee'],
  [{ phones: [{ value: '0044 20 1' }] }, { phones: ['+44 (20) 1'] }, 'same phone 0044 20 1'],
  [
    { name: 'Ann-Marie Lee', org_id: 1 },
    { name: 'ann-marie  LEE', organization: { id: 1 } },
    'same name and organization',
  ],
  [{ name: 'Ann', org_id: 1 }, { name: 'Ann', org_id: 2 }, undefined],
  [{ name: 'Ann' }, { name: 'Ann', org_id: null }, undefined],
  [{ emails: [{ value: '' }] }, { emails: [{ value: '' }] }, undefined],
])('persons %j and %j', (one, other, says) => {
  expect(sharedTraits('person', { name: 'x', ...one }, { name: 'y', ...other })[0]?.says).toBe(says);
});
