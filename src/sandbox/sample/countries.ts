/** What a customer does; it decides what they buy. Partners sell or install for us. */
export type Sector = 'utility' | 'brewery' | 'dairy' | 'fish' | 'chemistry' | 'paper' | 'science' | 'pool' | 'partner';

/**
 * Where customers are: names, places and the kinds of companies of one country. Names that are not in Latin letters carry
 * their spelling in an e-mail address after a bar. Phone numbers are of the ranges kept free for fiction, `#` a digit.
 */
export type Country = {
  name: string;
  american: boolean;
  currency: 'EUR' | 'USD' | 'GBP';
  familyNameFirst?: boolean;
  phone: string;
  mobile: string;
  first: readonly string[];
  last: readonly string[];
  towns: readonly (readonly [town: string, region: string, postcode: string])[];
  streets: readonly string[];
  /** `{n}` the number, `{s}` the street, `{t}` the town, `{p}` the postcode, `{r}` the region. */
  address: string;
  /** `{l}` a family name, `{t}` a town. */
  companies: readonly (readonly [name: string, sector: Sector])[];
};

const words = (text: string): string[] => text.split(' ');

export const countries: readonly (readonly [Country, share: number])[] = [
  [
    {
      name: 'Germany',
      american: false,
      currency: 'EUR',
      phone: '+49 40 66969 ###',
      mobile: '+49 171 39200##',
      first: words(
        'Anna Lukas Sabine Thomas Jürgen Claudia Felix Heike Matthias Julia Sören Birgit Stefan Nadine Günther Mareike',
      ),
      last: words(
        'Krüger Lindner Hoffmann Böhm Schäfer Brandt Vogt Seidel Jäger Winkler Möller Hartmann Großmann Keller Pohl Ziegler',
      ),
      towns: [
        ['Kassel', 'Hessen', '34117'],
        ['Rostock', 'Mecklenburg-Vorpommern', '18055'],
        ['Würzburg', 'Bayern', '97070'],
        ['Leipzig', 'Sachsen', '04109'],
        ['Münster', 'Nordrhein-Westfalen', '48143'],
        ['Freiburg', 'Baden-Württemberg', '79098'],
        ['Lüneburg', 'Niedersachsen', '21335'],
        ['Koblenz', 'Rheinland-Pfalz', '56068'],
      ],
      streets: ['Hafenstraße', 'Am Wasserwerk', 'Industrieweg', 'Mühlenstraße', 'Lindenallee', 'Bahnhofstraße'],
      address: '{s} {n}, {p} {t}, Germany',
      companies: [
        ['Stadtwerke {t} AG', 'utility'],
        ['Wasserverband {t}', 'utility'],
        ['Brauerei {l} GmbH & Co. KG', 'brewery'],
        ['Molkerei {l} GmbH', 'dairy'],
        ['{l} Papier GmbH', 'paper'],
        ['{l} Chemie AG', 'chemistry'],
        ['{l} Umweltlabor GmbH', 'science'],
        ['Fischzucht {l}', 'fish'],
        ['{l} Messtechnik GmbH', 'partner'],
        ['{l} Automation GmbH', 'partner'],
      ],
    },
    22,
  ],
  [
    {
      name: 'United States',
      american: true,
      currency: 'USD',
      phone: '+1 315 555 01##',
      mobile: '+1 206 555 01##',
      first: words(
        'Emily Daniel Karen Michael Ashley Tyler Denise Robert Grace Jason Monica Kevin Laura Brian Tamika Scott',
      ),
      last: words(
        "Miller Johnson Nguyen Carter O'Brien Ramirez Thompson Whitfield Hayes Kowalczyk Bennett Foster Delgado Sullivan Park Lindgren",
      ),
      towns: [
        ['Syracuse', 'NY', '13202'],
        ['Duluth', 'MN', '55802'],
        ['Asheville', 'NC', '28801'],
        ['Portland', 'ME', '04101'],
        ['Green Bay', 'WI', '54301'],
        ['Boise', 'ID', '83702'],
        ['Tacoma', 'WA', '98402'],
        ['Fort Collins', 'CO', '80524'],
      ],
      streets: ['Harbor Street', 'Mill Road', 'Industrial Parkway', 'Water Street', 'Depot Avenue', 'Lakeview Drive'],
      address: '{n} {s}, {t}, {r} {p}, USA',
      companies: [
        ['{t} Water Authority', 'utility'],
        ['{t} Public Utilities', 'utility'],
        ['{l} Brewing Company', 'brewery'],
        ['{l} Family Creamery', 'dairy'],
        ['{l} Paper Mills, Inc.', 'paper'],
        ['{l} Specialty Chemicals LLC', 'chemistry'],
        ['{t} Aquatic Centers', 'pool'],
        ['{l} Trout Farms', 'fish'],
        ['{l} Controls, Inc.', 'partner'],
        ['{l} Process Instruments LLC', 'partner'],
        ['{t} Institute for Freshwater Research', 'science'],
      ],
    },
    24,
  ],
  [
    {
      name: 'United Kingdom',
      american: false,
      currency: 'GBP',
      phone: '+44 20 7946 0###',
      mobile: '+44 7700 900###',
      first: words('Helen James Siobhan Andrew Charlotte Gareth Fiona Rhys Amelia Callum Priyanka Edward Niamh Stuart'),
      last: words(
        'Whitaker Davies MacLeod Ashworth Patel Thornton Griffiths Hargreaves Campbell Pritchard Lowe Fairbairn Okafor Sutton',
      ),
      towns: [
        ['Exeter', 'Devon', 'EX1 1GE'],
        ['Inverness', 'Highland', 'IV1 1DX'],
        ['Preston', 'Lancashire', 'PR1 2HE'],
        ['Swansea', 'Wales', 'SA1 3SN'],
        ['Norwich', 'Norfolk', 'NR1 3QU'],
        ['Hull', 'East Yorkshire', 'HU1 2AA'],
      ],
      streets: ['Quayside', 'Mill Lane', 'Station Road', 'Wharf Street', 'Kings Road'],
      address: '{n} {s}, {t} {p}, United Kingdom',
      companies: [
        ['{t} & District Water', 'utility'],
        ['{l} & Sons Brewery Ltd', 'brewery'],
        ['{l} Dairies Ltd', 'dairy'],
        ['{l} Salmon Ltd', 'fish'],
        ['{l} Leisure Pools Ltd', 'pool'],
        ['{l} Fine Chemicals plc', 'chemistry'],
        ['{t} Marine Laboratory', 'science'],
        ['{l} Instrumentation Ltd', 'partner'],
      ],
    },
    14,
  ],
  [
    {
      name: 'France',
      american: false,
      currency: 'EUR',
      phone: '+33 1 99 00 ## ##',
      mobile: '+33 6 39 98 ## ##',
      first: words('Élodie Julien Hélène François Aurélie Benoît Chloé Mathieu Inès Rémi Sylvie Loïc'),
      last: words('Moreau Lefèvre Girard Béranger Fontaine Dumas Chevallier Gauthier Perrin Roussel Marchand Noël'),
      towns: [
        ['Nantes', 'Pays de la Loire', '44000'],
        ['Annecy', 'Auvergne-Rhône-Alpes', '74000'],
        ['Quimper', 'Bretagne', '29000'],
        ['Besançon', 'Bourgogne-Franche-Comté', '25000'],
        ['Périgueux', 'Nouvelle-Aquitaine', '24000'],
      ],
      streets: ['rue du Port', 'avenue des Sources', 'rue des Moulins', 'quai de la République'],
      address: '{n} {s}, {p} {t}, France',
      companies: [
        ['Régie des Eaux de {t}', 'utility'],
        ['Laiterie {l} SAS', 'dairy'],
        ['Brasserie {l}', 'brewery'],
        ['Papeteries {l} SA', 'paper'],
        ['{l} Aquaculture SARL', 'fish'],
        ['{l} Automatismes SAS', 'partner'],
        ['Centre nautique de {t}', 'pool'],
      ],
    },
    10,
  ],
  [
    {
      name: 'Sweden',
      american: false,
      currency: 'EUR',
      phone: '+46 8 465 004 ##',
      mobile: '+46 70 174 06 ##',
      first: words('Åsa Erik Linnéa Göran Maja Anders Frida Björn Elin Håkan'),
      last: words('Lindqvist Åkesson Nyström Bergström Sjöberg Öberg Hallberg Wallin Norén Ekdahl'),
      towns: [
        ['Luleå', 'Norrbotten', '972 38'],
        ['Östersund', 'Jämtland', '831 30'],
        ['Kalmar', 'Kalmar län', '392 32'],
        ['Gävle', 'Gävleborg', '803 20'],
      ],
      streets: ['Hamngatan', 'Kvarnvägen', 'Storgatan', 'Industrigatan'],
      address: '{s} {n}, {p} {t}, Sweden',
      companies: [
        ['{t} Vatten AB', 'utility'],
        ['{l} Bryggeri AB', 'brewery'],
        ['{l} Bruk AB', 'paper'],
        ['{l} Fiskodling AB', 'fish'],
        ['{l} Mejeri AB', 'dairy'],
        ['{l} Mätteknik AB', 'partner'],
      ],
    },
    8,
  ],
  [
    {
      name: 'Spain',
      american: false,
      currency: 'EUR',
      phone: '+34 91 055 5###',
      mobile: '+34 600 555 ###',
      first: words('María José Lucía Andrés Begoña Íñigo Carmen Raúl Núria Óscar'),
      last: words('García Muñoz Ibáñez Peña Domínguez Vázquez Ferrer Núñez Ortega Quiñones'),
      towns: [
        ['Valladolid', 'Castilla y León', '47001'],
        ['Cádiz', 'Andalucía', '11003'],
        ['A Coruña', 'Galicia', '15003'],
        ['Lleida', 'Cataluña', '25002'],
      ],
      streets: ['Calle del Molino', 'Avenida del Puerto', 'Calle Mayor', 'Paseo del Río'],
      address: '{s} {n}, {p} {t}, Spain',
      companies: [
        ['Aguas de {t} S.A.', 'utility'],
        ['Lácteos {l} S.L.', 'dairy'],
        ['Cervezas {l} S.L.', 'brewery'],
        ['Acuicultura {l} S.A.', 'fish'],
        ['Química {l} S.A.', 'chemistry'],
      ],
    },
    7,
  ],
  [
    {
      name: 'Poland',
      american: false,
      currency: 'EUR',
      phone: '+48 22 555 01 ##',
      mobile: '+48 600 555 ###',
      first: words('Małgorzata Paweł Agnieszka Łukasz Zofia Michał Katarzyna Grzegorz'),
      last: words('Wójcik Nowak Żuraw Mazur Kaczmarek Wróbel Stępień Król'),
      towns: [
        ['Olsztyn', 'Warmińsko-Mazurskie', '10-117'],
        ['Łódź', 'Łódzkie', '90-004'],
        ['Toruń', 'Kujawsko-Pomorskie', '87-100'],
      ],
      streets: ['ul. Portowa', 'ul. Młyńska', 'ul. Fabryczna'],
      address: '{s} {n}, {p} {t}, Poland',
      companies: [
        ['Wodociągi {t} Sp. z o.o.', 'utility'],
        ['Browar {l}', 'brewery'],
        ['Mleczarnia {l} Sp. z o.o.', 'dairy'],
        ['Aquapark {t}', 'pool'],
      ],
    },
    5,
  ],
  [
    {
      name: 'Ukraine',
      american: false,
      currency: 'EUR',
      phone: '+380 32 555 01 ##',
      mobile: '+380 50 555 0# ##',
      first: words('Олена|Olena Андрій|Andrii Ірина|Iryna Тарас|Taras Наталія|Nataliia Юрій|Yurii'),
      last: words(
        'Шевчук|Shevchuk Бондаренко|Bondarenko Коваленко|Kovalenko Мельник|Melnyk Кравець|Kravets Ткаченко|Tkachenko',
      ),
      towns: [
        ['Львів|Lviv', 'Львівська область', '79000'],
        ['Одеса|Odesa', 'Одеська область', '65000'],
        ['Чернівці|Chernivtsi', 'Чернівецька область', '58000'],
      ],
      streets: ['вул. Портова', 'вул. Млинова', 'вул. Заводська'],
      address: '{s}, {n}, {t}, {p}, Ukraine',
      companies: [
        ['Водоканал {t}', 'utility'],
        ['Броварня {l}', 'brewery'],
        ['Молочний дім {l}', 'dairy'],
      ],
    },
    5,
  ],
  [
    {
      name: 'Japan',
      american: false,
      currency: 'USD',
      familyNameFirst: true,
      phone: '+81 3 5550 01##',
      mobile: '+81 90 5550 0###',
      first: words('健一|Kenichi 由美子|Yumiko 大輔|Daisuke 美咲|Misaki 翔太|Shota 恵子|Keiko'),
      last: words('田中|Tanaka 佐藤|Sato 鈴木|Suzuki 高橋|Takahashi 渡辺|Watanabe 小林|Kobayashi'),
      towns: [
        ['仙台市|Sendai', '宮城県', '980-0811'],
        ['広島市|Hiroshima', '広島県', '730-0011'],
        ['新潟市|Niigata', '新潟県', '951-8550'],
      ],
      streets: ['中央', '本町', '港町'],
      address: '{p} {r}{t}{s}{n}, Japan',
      companies: [
        ['{t}水道サービス株式会社', 'utility'],
        ['{l}酒造株式会社', 'brewery'],
        ['{l}水産株式会社', 'fish'],
        ['{l}化学工業株式会社', 'chemistry'],
      ],
    },
    5,
  ],
];
