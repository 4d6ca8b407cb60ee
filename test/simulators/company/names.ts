import type { Random } from './random.ts';

/** A name as it is written, and how it is spelt in an address. */
export interface Spelt {
  readonly written: string;
  readonly ascii: string;
}

interface Culture {
  readonly given: readonly Spelt[];
  /** Empty where people have one name only. */
  readonly family: readonly Spelt[];
}

/** `José=jose` means: written José, spelt jose. Without `=` the lower-cased name is its own spelling. */
function spelt(list: string): Spelt[] {
  return list.split(' | ').map((entry) => {
    const [written = '', ascii] = entry.split('=');
    return { written, ascii: ascii ?? written.toLowerCase().replace(/[^a-z]/g, '') };
  });
}

function culture(given: string, family: string): Culture {
  return { given: spelt(given), family: family === '' ? [] : spelt(family) };
}

const CULTURES: readonly Culture[] = [
  culture(
    'Alice | Grace | James | Olivia | Thomas | Harriet | Oscar | Mary-Jane | Samuel | Ruth | Edward | Joan',
    "Smith | O'Brien | D'Angelo | McAllister | Fitzgerald-Hughes | Okafor | Turner | Baker | Wright | St. John | Hall | Young",
  ),
  culture(
    'José=jose | Ana Sofía=ana.sofia | Begoña=begona | Íñigo=inigo | Lucía=lucia | Andrés=andres | Inés=ines | Raúl=raul',
    'García Márquez=garcia.marquez | Muñoz=munoz | de la Fuente=delafuente | Núñez Peña=nunez.pena | Ibáñez=ibanez | Ortiz y Gasset=ortizygasset',
  ),
  culture(
    'Łukasz=lukasz | Małgorzata=malgorzata | Zdzisław=zdzislaw | Agnieszka | Žofie=zofie | Ondřej=ondrej | Šárka=sarka | Jiří=jiri',
    'Wiśniewski=wisniewski | Dąbrowska=dabrowska | Żółć=zolc | Dvořák=dvorak | Černý=cerny | Novotná=novotna | Šťastný=stastny',
  ),
  culture(
    'Jürgen=juergen | Zoë=zoe | Björn=bjoern | Astrid | Søren=soeren | Åse=aase | Þórdís=thordis | Günther=guenther',
    'Müller=mueller | Weiß=weiss | Ærøskøbing=aeroeskoebing | van der Berg=vanderberg | Ångström=angstroem | Jónsdóttir=jonsdottir | Freiherr von Stein=vonstein',
  ),
  culture(
    'Иван=ivan | Ольга=olga | Дмитрий=dmitrii | Екатерина=ekaterina | Юрий=iurii | Зоя=zoia | Богдан=bogdan | Їжак=yizhak',
    'Петров=petrov | Кузнецова=kuznetsova | Шевченко=shevchenko | Щербакова=shcherbakova | Ћирић=ciric | Соловьёв=solovev',
  ),
  culture(
    'Γιώργος=giorgos | Ελένη=eleni | Νίκος=nikos | Αθηνά=athina | Οδυσσέας=odysseas | Χρυσούλα=chrysoula',
    'Παπαδόπουλος=papadopoulos | Αντωνίου=antoniou | Κωνσταντίνου=konstantinou | Βλάχος=vlachos | Ξενάκης=xenakis',
  ),
  culture(
    'محمد=mohammed | فاطمة=fatima | يوسف=youssef | ليلى=layla | عبد الرحمن=abdulrahman | نور=nour',
    'الحسن=alhassan | بن علي=benali | المصري=almasri | حداد=haddad | القاسم=alqasim | منصور=mansour',
  ),
  culture(
    'דוד=david | שרה=sara | יעל=yael | אברהם=avraham | נועה=noa | איתן=eitan',
    'כהן=cohen | לוי=levi | בן־דוד=bendavid | מזרחי=mizrahi | שפירא=shapira | אזולאי=azoulay',
  ),
  culture(
    '伟=wei | 秀英=xiuying | 志明=zhiming | 小芳=xiaofang | 静=jing | 建国=jianguo | 子涵=zihan',
    '王=wang | 李=li | 张=zhang | 欧阳=ouyang | 司马=sima | 陳=chan | 劉=liu',
  ),
  culture(
    'さくら=sakura | ひろし=hiroshi | 健太=kenta | ユキ=yuki | 陽子=yoko | 太郎=taro',
    '田中=tanaka | 佐藤=sato | ワタナベ=watanabe | 高橋=takahashi | 小鳥遊=takanashi | 山本=yamamoto',
  ),
  culture(
    '민준=minjun | 서연=seoyeon | 지훈=jihun | 하은=haeun | 도윤=doyun | 은지=eunji',
    '김=kim | 이=lee | 박=park | 최=choi | 남궁=namgung | 황보=hwangbo',
  ),
  culture(
    'राहुल=rahul | प्रिया=priya | अनन्या=ananya | विजय=vijay | लक्ष्मी=lakshmi | कृष्ण=krishna',
    'शर्मा=sharma | गुप्ता=gupta | पटेल=patel | अग्रवाल=agrawal | मिश्रा=mishra | चट्टोपाध्याय=chattopadhyay',
  ),
  culture(
    'สมชาย=somchai | มาลี=mali | ณัฐพงศ์=natthaphong | กุลธิดา=kunthida | ปวีณา=paweena',
    'ใจดี=jaidee | ศรีสุวรรณ=srisuwan | วงศ์สวัสดิ์=wongsawat | รัตนากร=rattanakorn | ทองดี=thongdee',
  ),
  culture(
    'Nguyễn Văn=nguyenvan | Thị Hương=thihuong | Đức=duc | Mai Ngọc=maingoc | Quốc Anh=quocanh',
    'Trần=tran | Lê=le | Phạm=pham | Đặng=dang | Hoàng=hoang',
  ),
  culture(
    'Ayşe=ayse | İbrahim=ibrahim | Şule=sule | Çağlar=caglar | Iğdır=igdir | Özgür=ozgur',
    'Yılmaz=yilmaz | Çelik=celik | Öztürk=ozturk | Güneş=gunes | Ağaoğlu=agaoglu',
  ),
  culture('Suharto | Madonna | Sukarno | Pelé=pele | Ronaldinho | Cher', ''),
];

export interface Name {
  readonly given: string;
  /** Empty for people with one name. */
  readonly family: string;
  /** What the address is made of, without the domain. */
  readonly mailbox: string;
}

export function makeName(random: Random): Name {
  const { given, family } = random.pick(CULTURES);
  const first = random.pick(given);
  if (family.length === 0) return { given: first.written, family: '', mailbox: first.ascii };
  const last = random.pick(family);
  return { given: first.written, family: last.written, mailbox: `${first.ascii}.${last.ascii}` };
}

/** Another family name, as at a wedding, and the mailbox that goes with it. */
export function makeFamilyName(random: Random): Spelt {
  const cultures = CULTURES.filter((one) => one.family.length > 0);
  return random.pick(random.pick(cultures).family);
}
